package attacks

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/torch"
)

var quantisationEntry = audit.Entry[Attack]{
	Name: "quantisation", Profile: "strict",
	Doc:    "do forget images come back when the weights are rounded to a few bits?",
	New:    func() Attack { return &Quantisation{Bits: []int{8, 4}} },
	Leaves: []audit.Quantity{criteria.QuantisedError},
}

// Quantisation rounds every tensor of a copy's weights to b bits and asks again. With s = max|w| / (2^(b−1) − 1), a
// tensor's own scale,
//
//	w ← s · round(w / s).
//
// Unlearning that moves weights by less than a step of the rounding is taken back by it, and the original's memory returns
// (Zhang et al. 2024, "Catastrophic failure of LLM unlearning via quantization", arXiv 2410.16454). Every number of bits
// is a setting of its own; an image's value is the mean squared error over the region that the rounded model makes. A
// small one says that the image is known; the criterion quantisation compares it with retrained models, rounded as well.
type Quantisation struct {
	silent
	Bits []int `json:"bits"` // of one weight, its sign among them
}

// Validate checks the parameters.
func (a *Quantisation) Validate() error {
	if len(a.Bits) == 0 {
		return fmt.Errorf("bits are empty: want some numbers from 2 to 16")
	}
	for i, b := range a.Bits {
		if b < 2 || b > 16 || slices.Contains(a.Bits[:i], b) {
			return fmt.Errorf("bits are %v: want different numbers from 2 to 16", a.Bits)
		}
	}
	return nil
}

// Measure returns the errors of forget and test images at each number of bits.
func (a *Quantisation) Measure(ctx context.Context, t *Target) ([]audit.Sample, error) {
	m, err := t.Open()
	if err != nil {
		return nil, err
	}
	defer m.Params().Free()
	whole, err := m.Params().Values()
	if err != nil {
		return nil, err
	}
	var out []audit.Sample
	for _, bits := range a.Bits {
		if err := m.Params().Set(rounded(m.Params().Layout(), whole, bits)); err != nil {
			return nil, err
		}
		s, err := t.ForgetAndTest("quantisation", criteria.QuantisedError, fmt.Sprintf("%d bits", bits), "scale=tensor",
			func(_ audit.Part, b corpus.Batch) ([]float64, error) { return t.Errors(ctx, m, b.View, b.Target) })
		if err != nil {
			return nil, err
		}
		out = append(out, s...)
	}
	return out, nil
}

// rounded are weights on each tensor's grid of 2^bits − 1 steps that are symmetric about zero.
func rounded(l torch.Layout, w []float32, bits int) []float32 {
	out := slices.Clone(w)
	for _, p := range l {
		part := out[p.Offset : p.Offset+p.Size()]
		var most float64
		for _, v := range part {
			most = max(most, math.Abs(float64(v)))
		}
		if most == 0 {
			continue
		}
		scale := most / float64(int(1)<<(bits-1)-1)
		for i, v := range part {
			part[i] = float32(scale * math.RoundToEven(float64(v)/scale))
		}
	}
	return out
}
