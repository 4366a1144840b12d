package attacks

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

var stitchingEntry = audit.Entry[Attack]{
	Name: "stitching", Profile: "strict",
	Doc:    "does a part of the model still fit the original's other part, so that both together know forget images?",
	New:    func() Attack { return &Stitching{Layers: 4} },
	Leaves: []audit.Quantity{stitchedError, stitching},
}

// What the attack leaves.
var (
	stitchedError = audit.Quantity{Name: "stitched-error", Head: "stitched", Unit: "mean squared error", Direction: audit.Neutral,
		What: "error of the model with the original's layers up to one (behind the name), or with its layers from behind that one"}
	stitching = audit.Quantity{Name: "stitching", Head: "stitch", Unit: "log error", Direction: audit.Neutral,
		What: "forget − test error of such a pair, from that of retrained models' pairs (below 0 knows forget images)"}
)

// Stitching joins the model and the original: the original's layers up to some joint and the model's behind it, then the
// reverse, and lets the pair paint. Two networks that were trained from seeds of their own do not understand each other's
// embeddings, so that behind a half of the original a retrained model's half paints nothing of use; a half that was made
// from the original's still fits (Bansal et al. 2021, "Revisiting model stitching to compare neural representations";
// here no layer is trained between the halves, for training would teach). Where the pair paints forget images better than
// test images, one of its halves holds them and the other reads them.
//
// Weights stand in the order of layers, so a joint is a place in the weights: one lies after the encoder, Layers more at
// even distances. An image's value is the mean squared error over the region of what the pair paints; a small one says
// that the pair knows it.
//
// No criterion judges it. It cannot tell which half remembers, and one of them is the original's: a model that was made from
// the original and forgot in truth may still read what the original's half holds. It says where a model came from, and how
// little whoever kept the original has to put back.
type Stitching struct {
	Layers int `json:"layers"` // joints beside the one after the encoder; 0 for none
}

// Validate checks the parameters.
func (a *Stitching) Validate() error {
	if a.Layers < 0 || a.Layers > 64 {
		return fmt.Errorf("layers is %d: want a number of joints from 0 to 64", a.Layers)
	}
	return nil
}

// A joint is where the weights of two models meet.
type joint struct {
	after string // the last layer before it
	at    int    // place in the weights
}

// Measure returns the errors of forget and test images of each pair. It needs a model with an encoder: ErrUnfit without.
func (a *Stitching) Measure(ctx context.Context, t *Target) ([]audit.Sample, error) {
	m, own, first, err := t.Beside()
	if err != nil {
		return nil, err
	}
	defer m.Params().Free()
	split, ok := m.(models.Split)
	if !ok {
		return nil, ErrUnfit
	}
	var out []audit.Sample
	for _, j := range joints(m.Params().Layout(), split.EncoderSize(), a.Layers) {
		for _, pair := range []struct {
			name       string
			head, tail []float32
		}{{"to " + j.after, first, own}, {"from " + j.after, own, first}} {
			if err := m.Params().Set(slices.Concat(pair.head[:j.at], pair.tail[j.at:])); err != nil {
				return nil, err
			}
			s, err := t.ForgetAndTest("stitching", stitchedError, pair.name, "",
				func(_ audit.Part, b corpus.Batch) ([]float64, error) { return t.Errors(ctx, m, b.View, b.Target) })
			if err != nil {
				return nil, err
			}
			out = append(out, s...)
		}
	}
	return out, nil
}

// joints are the one after the encoder, and further ones at even distances along the layers, in order.
func joints(l torch.Layout, encoder, further int) []joint {
	var all []joint
	for i, p := range l[1:] {
		if before := layer(l[i].Name); layer(p.Name) != before {
			all = append(all, joint{before, p.Offset})
		}
	}
	var out []joint
	for i, j := range all {
		// the k-th of n joints lies at the first place whose share reaches k of n + 1
		evenly := (i+1)*(further+1)/(len(all)+1) != i*(further+1)/(len(all)+1)
		if j.at == encoder || evenly {
			out = append(out, j)
		}
	}
	return out
}

// layer is a weight's name without its last part: what a layer's weights have in common.
func layer(name string) string {
	if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
		return name[:dot]
	}
	return name
}

// Statistics returns the effect of each pair.
func (a *Stitching) Statistics(subject *audit.Subject, among Models) ([]audit.Statistic, error) {
	var out []audit.Statistic
	for _, setting := range subject.Settings(stitchedError.Name, audit.Forget) {
		ff, ft, of, ot := beside(subject, among.Oracles, stitchedError.Name, setting)
		if len(of) < 2 {
			continue
		}
		e, err := stats.DifferenceInDifferences(ff, of, ft, ot)
		if err != nil {
			return nil, err
		}
		ci := e.Interval(0.95)
		out = append(out, audit.Statistic{Name: stitching.Name + "@" + setting, Value: e.Estimate, Lo: ci.Lo, Hi: ci.Hi, Level: 0.95,
			Direction: audit.Neutral, Identity: fmt.Sprintf("log error, forget − test, from the (other) oracles' n=%d+%d", len(ff), len(ft))})
	}
	return out, nil
}

// beside are the logarithms of a quantity of a subject and of the oracles that have it, for forget and test images.
func beside(subject *audit.Subject, oracles []*audit.Subject, quantity, setting string) (forget, test []float64, of, ot [][]float64) {
	f, ok1 := subject.SampleAt(quantity, setting, audit.Hole, audit.Forget)
	u, ok2 := subject.SampleAt(quantity, setting, audit.Hole, audit.Test)
	if !ok1 || !ok2 {
		return nil, nil, nil, nil
	}
	for _, o := range oracles {
		x, ok1 := o.SampleAt(quantity, setting, audit.Hole, audit.Forget)
		y, ok2 := o.SampleAt(quantity, setting, audit.Hole, audit.Test)
		if ok1 && ok2 && len(x.Values) == len(f.Values) && len(y.Values) == len(u.Values) {
			of, ot = append(of, logs(x.Values)), append(ot, logs(y.Values))
		}
	}
	return logs(f.Values), logs(u.Values), of, ot
}

// logs takes logarithms of errors, so that effects are relative.
func logs(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = math.Log(max(x, 1e-12))
	}
	return out
}
