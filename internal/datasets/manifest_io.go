package datasets

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/atomicfile"
)

// stored is a manifest's file: the manifest and its digest.
type stored struct {
	Manifest
	Digest audit.Digest `json:"digest"`
}

// Write stores the manifest, one image a line, with its digest; the file appears
// whole or not at all.
func (m Manifest) Write(path string) error {
	return atomicfile.Write(path, m.encode)
}

func (m Manifest) encode(w io.Writer) error {
	digest, err := m.Digest()
	if err != nil {
		return err
	}
	head := stored{m, digest}
	head.Images = nil
	frame, err := json.MarshalIndent(head, "", "  ")
	if err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	// A quotation mark within a JSON string is escaped, so this is the field.
	before, after, ok := bytes.Cut(frame, []byte(`"images": null`))
	if !ok {
		return errors.New("manifest: its JSON has no images")
	}
	var b bytes.Buffer
	b.Write(before)
	b.WriteString(`"images": [`)
	for k, e := range m.Images {
		line, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("manifest: %w", err)
		}
		if k > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n    ")
		b.Write(line)
	}
	b.WriteString("\n  ]")
	b.Write(after)
	b.WriteByte('\n')
	_, err = w.Write(b.Bytes())
	return err
}

// ReadManifest reads what [Manifest.Write] wrote. Unknown fields, contradictions
// and a digest that is not the content's are errors. For tests: an audit makes its
// manifest anew from the plan, and never reads one.
func ReadManifest(path string) (Manifest, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return Manifest{}, fmt.Errorf("manifest: %w", err)
	}
	m, err := parseManifest(b)
	if err != nil {
		return Manifest{}, fmt.Errorf("manifest %s: %w", path, err)
	}
	return m, nil
}

func parseManifest(b []byte) (Manifest, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	var s stored
	if err := d.Decode(&s); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return Manifest{}, errors.New("the file is empty or cut short")
		}
		return Manifest{}, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Manifest{}, errors.New("something follows the manifest")
	}
	if err := s.Manifest.check(); err != nil {
		return Manifest{}, err
	}
	digest, err := s.Manifest.Digest()
	if err != nil {
		return Manifest{}, err
	}
	if digest != s.Digest {
		return Manifest{}, fmt.Errorf("its digest says %q, its content %q: it was changed after it was written", s.Digest.Short(), digest.Short())
	}
	return s.Manifest, nil
}

// Verify reads every image again and compares it with the manifest: the data are
// the ones that were split.
func (m Manifest) Verify(ctx context.Context, train, test Set) error {
	for _, e := range m.Images {
		if err := ctx.Err(); err != nil {
			return err
		}
		set := train
		if e.Split == "test" || e.Split == "unseen" {
			set = test
		}
		if e.Index >= set.Len() {
			return fmt.Errorf("manifest: %s image %d: %s has only %d images", e.Split, e.Index, set.Name(), set.Len())
		}
		h, err := set.Hash(e.Index)
		if err != nil {
			return fmt.Errorf("manifest: %s image %d: %w", e.Split, e.Index, err)
		}
		if hex.EncodeToString(h[:]) != e.SHA256 {
			return fmt.Errorf("manifest: %s image %d (%s) is not the image that was split: the data have changed", e.Split, e.Index,
				NameOf(set, e.Index))
		}
	}
	return nil
}
