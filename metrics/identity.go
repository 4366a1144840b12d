package metrics

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// Identity says how a number was made. Two numbers may stand in one column only if their identities are equal (==).
// A field that plays no part in a metric is left at its zero value.
type Identity struct {
	Metric     string  `json:"metric"`                // mse, psnr, ssim, fd, kid, is, embedding
	Variant    string  `json:"variant,omitempty"`     // an SSIMVariant, KIDEstimator or ISVariant
	Features   string  `json:"features,omitempty"`    // name of the feature extractor
	Weights    string  `json:"weights,omitempty"`     // sha256 of its weights, 64 lower-case hexadecimal digits
	Unverified bool    `json:"unverified,omitempty"`  // the weights' sha256 is not that of a well-known file
	Resize     string  `json:"resize,omitempty"`      // filter and size, such as bilinear-tf1-299
	Decoder    string  `json:"decoder,omitempty"`     // what decoded the image files, such as go-image/jpeg
	Sizes      string  `json:"sizes,omitempty"`       // of the image files before resizing, such as 224x224
	DType      string  `json:"dtype,omitempty"`       // type of the values that were compared
	N          int     `json:"n,omitempty"`           // images measured
	ReferenceN int     `json:"reference_n,omitempty"` // images they were compared with, for set metrics
	Reference  string  `json:"reference,omitempty"`   // sha256 of what they were compared with, where it was read from files
	Splits     int     `json:"splits,omitempty"`      // of the Inception score
	Subsets    int     `json:"subsets,omitempty"`     // of KID
	SubsetSize int     `json:"subset_size,omitempty"` // of KID
	K          int     `json:"k,omitempty"`           // neighbours, of precision, recall, density and coverage
	Seed       uint64  `json:"seed,string,omitempty"` // of the subsets or the order; a string, as JSON numbers are not exact
	Field      string  `json:"field,omitempty"`       // FieldImage or FieldHole
	DataRange  float64 `json:"data_range,omitempty"`  // largest minus smallest value of a pixel
}

// What part of the image a number looks at.
const (
	FieldImage = "image"
	FieldHole  = "hole"
)

// inception20151205 is the sha256 of the Inception-v3 weights of 2015-12-05, ported from TensorFlow, that
// torch-fidelity and torchmetrics load as weights-inception-2015-12-05-6726825d.pth (release v0.2.0) and pytorch-fid as
// pt_inception-2015-12-05-6726825d.pth: one file, whose name carries the hash's first eight digits.
const inception20151205 = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"

// inceptionScript is the sha256 of NVIDIA's TorchScript of the same network and weights, inception-2015-12-05.pt
// (stylegan2-ada-pytorch), which clean-fid loads too.
const inceptionScript = "f58cb9b6ec323ed63459aa4fb441fe750cfe39fafad6da5cb504a16f19e958f4"

// officialNames are the names that a metric earns on one of officialWeights.
var (
	officialNames   = map[string]string{"fd": "FID", "kid": "KID", "is": "IS"}
	officialWeights = map[string]bool{inception20151205: true, inceptionScript: true}
)

// Name is the column's name. A Fréchet distance is called FID, a kernel distance KID and a score IS only where the
// weights are those of Inception-v3 of 2015-12-05, recognised by their full sha256; else the features stand in
// parentheses, as in fd(fixture).
func (id Identity) Name() string {
	if name, ok := officialNames[id.Metric]; ok && officialWeights[id.Weights] {
		return name
	}
	if id.Features != "" {
		return id.Metric + "(" + id.Features + ")"
	}
	return id.Metric
}

// String is the identity on one line, the same for equal identities, for people to read. Hashes are cut to 12
// digits: compare identities with == or Diff.
func (id Identity) String() string {
	parts := []string{id.Name()}
	for _, f := range id.fields() {
		switch {
		case f.name == "metric", f.zero && !(f.name == "seed" && id.Subsets > 0):
		case f.name == "features" && strings.Contains(parts[0], "("):
		case f.name == "weights", f.name == "reference":
			parts = append(parts, f.name+"="+f.value[:min(12, len(f.value))])
		default:
			parts = append(parts, f.name+"="+f.value)
		}
	}
	return strings.Join(parts, " ")
}

// Diff names the fields in which two identities differ, with both values: "n: 512 vs 256; seed: 1 vs 2".
// It is empty if and only if a == b.
func Diff(a, b Identity) string {
	var out []string
	fb := b.fields()
	for i, f := range a.fields() {
		if g := fb[i]; f.value != g.value {
			out = append(out, fmt.Sprintf("%s: %s vs %s", f.name, f.show(), g.show()))
		}
	}
	return strings.Join(out, "; ")
}

// Validate refuses an identity that does not say enough: no metric, features without their weights' sha256, a field
// of view that is none, negative counts, a data range that is no number.
func (id Identity) Validate() error {
	var errs []error
	if id.Metric == "" {
		errs = append(errs, errors.New("no metric is named"))
	}
	if (id.Features != "" || id.Weights != "") && !isSHA256(id.Weights) {
		errs = append(errs, fmt.Errorf("features %q have the weights %q: give the sha256 of the file, 64 lower-case "+
			"hexadecimal digits", id.Features, id.Weights))
	}
	if id.Field != "" && id.Field != FieldImage && id.Field != FieldHole {
		errs = append(errs, fmt.Errorf("field of view %q: one of %q, %q", id.Field, FieldImage, FieldHole))
	}
	if min(id.N, id.ReferenceN, id.Splits, id.Subsets, id.SubsetSize, id.K) < 0 {
		errs = append(errs, errors.New("a count of images, splits, subsets or neighbours is negative"))
	}
	if !finite(id.DataRange) || id.DataRange < 0 {
		errs = append(errs, fmt.Errorf("data range %v: give a finite range > 0, or 0 where it plays no part", id.DataRange))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("identity of metric %q: %w", id.Metric, err)
	}
	return nil
}

func isSHA256(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}

type identityField struct {
	name, value string
	zero        bool
}

func (f identityField) show() string {
	if f.value == "" {
		return "none"
	}
	return f.value
}

// fields lists every field under its JSON name, in order; by reflection, so that a new field cannot be forgotten.
func (id Identity) fields() []identityField {
	v := reflect.ValueOf(id)
	out := make([]identityField, v.NumField())
	for i := range out {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		out[i] = identityField{name: name, value: fmt.Sprint(v.Field(i).Interface()), zero: v.Field(i).IsZero()}
	}
	return out
}
