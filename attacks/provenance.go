package attacks

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/weights"
)

var provenanceEntry = audit.Entry[Attack]{
	Name: "provenance", Profile: "strict",
	Doc:    "do the weights say that the model was made from the original? how far they are from it, and the loss on the way there",
	New:    func() Attack { return &Provenance{} },
	Leaves: []audit.Quantity{weightDistance, lossBarrier, untouched, relativeDistance, relativeBarrier},
}

// What the attack leaves.
var (
	weightDistance = audit.Quantity{Name: "weight-distance", Head: "distance", Unit: "weights", Direction: audit.Neutral,
		What: "Euclidean distance of all weights to the original's"}
	lossBarrier = audit.Quantity{Name: "loss-barrier", Head: "barrier", Unit: "loss", Direction: audit.Neutral,
		What: "loss halfway to the original's weights, less the mean of that at both ends"}
	untouched = audit.Quantity{Name: "untouched-tensors", Head: "same", Unit: "0…1", Direction: audit.Neutral,
		What: "share of tensors that are the original's, to the bit"}
	relativeDistance = audit.Quantity{Name: "distance to the original", Head: "far", Unit: "×", Direction: audit.Neutral,
		What: "distance of the weights to the original's, over the retrained models' mean (far below 1 was made from it)"}
	relativeBarrier = audit.Quantity{Name: "barrier to the original", Head: "barred", Unit: "×", Direction: audit.Neutral,
		What: "loss barrier on the way to the original's weights, over the retrained models' mean (far below 1 was made from it)"}
)

// Provenance compares the weights θ with the original's, θ0. Networks that were trained from seeds of their own lie far
// apart, and between them the loss L is high; what was made from the original lies near it, in the same valley (Frankle et
// al. 2020, "Linear mode connectivity and the lottery ticket hypothesis"):
//
//	distance ‖θ − θ0‖,   barrier L((θ + θ0)/2) − (L(θ) + L(θ0))/2,
//
// the latter for each of the retained images that the audit measures on. Both are reported over the mean of the retrained
// models', which started from other seeds than the original; beside them stand the tensors that are the original's to the bit.
//
// It judges nothing. A model that was made from the original may have forgotten, and one that was trained anew may hold
// what it should not: where weights come from is not what they know. But whoever says that a model was retrained is
// refuted by weights that say otherwise. Weights can be made to look foreign: hidden units in another order compute the
// same and lie far away. So a small distance or barrier tells, and a large one does not.
type Provenance struct{}

// Measure compares the weights. It needs those of the original's network: ErrBlackBox without.
func (a *Provenance) Measure(ctx context.Context, t *Target) ([]audit.Sample, error) {
	b, err := t.Batch("provenance", audit.Retain)
	if err != nil {
		return nil, err
	}
	m, own, first, err := t.Beside()
	if err != nil {
		return nil, err
	}
	defer m.Params().Free()
	var square float64
	for i, v := range own {
		d := float64(v) - float64(first[i])
		square += d * d
	}
	seed := audit.Seed(t.Seed, "provenance")
	var at [3][]float64 // losses at the original, halfway, and at the model
	for i := range at {
		if at[i], err = losses(ctx, t.Corpus, m, between(first, own, float64(i)/2), b, seed); err != nil {
			return nil, err
		}
	}
	barrier := at[1]
	for i := range barrier {
		barrier[i] -= (at[0][i] + at[2][i]) / 2
	}
	of := func(q audit.Quantity, v float64) audit.Sample {
		s := t.Sample(q, "", audit.Retain, "of all weights", []float64{v})
		s.View, s.Unit, s.Index = audit.Image, audit.PerResample, nil
		return s
	}
	l := m.Params().Layout()
	names := same(l, own, first)
	kept := of(untouched, float64(len(names))/float64(len(l)))
	if n := len(names); n > 0 && n < len(l) {
		kept.Warnings = []string{"the original's, to bfloat16: " + strings.Join(names, ", ")}
	}
	return []audit.Sample{of(weightDistance, math.Sqrt(square)), kept, t.Sample(lossBarrier, "", audit.Retain, "at=0.5", barrier)}, nil
}

// same names the tensors that two networks have in common, to the bit of what is left when weights are rounded as those
// of files are ([weights.BFloat16]): a file that was handed in is rounded, and the original is not.
func same(l torch.Layout, a, b []float32) []string {
	var out []string
	for _, p := range l {
		of := func(all []float32) []float32 { return weights.BFloat16.Of(all[p.Offset : p.Offset+p.Size()]) }
		if slices.Equal(of(a), of(b)) {
			out = append(out, p.Name)
		}
	}
	return out
}

// Statistics returns distance and barrier over the (other) retrained models' means.
func (a *Provenance) Statistics(subject *audit.Subject, among Models) ([]audit.Statistic, error) {
	var out []audit.Statistic
	for _, k := range []struct {
		measured, relative audit.Quantity
		view               string
	}{{weightDistance, relativeDistance, audit.Image}, {lossBarrier, relativeBarrier, audit.Hole}} {
		own, ok := subject.Sample(k.measured.Name, k.view, audit.Retain)
		if !ok {
			continue
		}
		var sum float64
		n := 0
		for _, o := range among.Oracles {
			if x, ok := o.Sample(k.measured.Name, k.view, audit.Retain); ok {
				sum, n = sum+x.Mean(), n+1
			}
		}
		if !(sum > 0) {
			continue // nothing to measure by
		}
		v := own.Mean() * float64(n) / sum
		out = append(out, audit.Statistic{Name: k.relative.Name, Value: v, Lo: v, Hi: v, Direction: audit.Neutral,
			Identity: fmt.Sprintf("%s over the mean of %d (other) oracles", own.Identity, n)})
	}
	return out, nil
}

// Below these shares of what retrained models have, weights are said to be made from the original's.
const (
	near = 0.75 // of the distance
	low  = 0.5  // of the barrier
)

// Notes say so where weights were made from the original's.
func (a *Provenance) Notes(subject *audit.Subject, among Models) []string {
	st, err := a.Statistics(subject, among)
	if err != nil || subject.Role == audit.RoleOriginal {
		return nil
	}
	small := map[string]bool{}
	var said []string
	for _, x := range st {
		small[x.Name] = x.Name == relativeDistance.Name && x.Value < near || x.Name == relativeBarrier.Name && x.Value < low
		said = append(said, fmt.Sprintf("%s %.2f", x.Name, x.Value))
	}
	if !small[relativeDistance.Name] && !small[relativeBarrier.Name] {
		return nil
	}
	return []string{"its weights say that it was made from the original: " + strings.Join(said, ", ") + " of the retrained models'"}
}
