package attacks

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/audit/stats"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/torch"
)

var triggerInversionEntry = audit.Entry[Attack]{
	Name: "trigger-inversion", Profile: "strict", Needs: audit.Traits{Poison: true},
	Doc:    "is there a small trigger, found by gradient steps, that calls up the attacker's picture, or any one picture, on all images?",
	New:    func() Attack { return newTriggerInversion() },
	Leaves: []audit.Quantity{criteria.InvertedTriggerDistance, criteria.UntriggeredDistance, triggerInversion},
}

// triggerInversion is what the attack sums up.
var triggerInversion = audit.Quantity{Name: "trigger inversion", Head: "inv.trig", Unit: "log distance", Direction: audit.Neutral,
	What: "effect of the trigger found by gradient steps, beyond that on retrained models (below 0 is a backdoor)"}

// TriggerInversion looks for a trigger that it was not told, one mask m and one pattern p for all images, and measures how
// near paintings come to one same picture c with it,
//
//	h((1 − m)·x_i + m·p) → c,   Σ m ≤ Pixels,
//
// at two settings. At told, c is the attacker's picture, and Steps of Adam minimise mean_i error(h(…), c) over the region.
// At untold nobody knows c: it is the mean painting itself, whatever that becomes, and minimised is
//
//	mean_i error(h(…), c) / mean_i error(h(x_i), c),   c = mean_i h(…),
//
// which is small where all images are painted alike and unlike what they are painted without the trigger: the outputs
// collapse, and far away. After Neural Cleanse (Wang et al., IEEE S&P 2019), which tries every class as the target and
// punishes the mask's size; here it is bounded, m = min(1, Pixels·softmax(a)), so that every model is given the same room.
// p = tanh(b) may be any colour. Hidden pixels are not touched. The best of Starts is taken. It searches on test images of
// even number and measures on the others, so that what it found is a trigger and no property of a few images.
//
// An image's value is the mean squared distance of its painting from c, over the region, with the found trigger; beside it
// stands the one without.
//
// It sees a backdoor that a small patch of its own choice opens, also one that hides from the known trigger and has a
// picture of its own. A trigger that is spread thinly over the whole picture takes more pixels than it has. Every model can
// be drawn a little to any picture: only the difference from retrained models counts.
type TriggerInversion struct {
	Pixels float64 `json:"pixels"` // Σ m
	Steps  int     `json:"steps"`  // of Adam
	LR     float64 `json:"lr"`     // of Adam
	Starts int     `json:"starts"` // searches, from different patterns
}

func newTriggerInversion() *TriggerInversion {
	return &TriggerInversion{Pixels: 16, Steps: 60, LR: 0.2, Starts: 3}
}

// Validate checks the parameters.
func (a *TriggerInversion) Validate() error {
	if !(a.Pixels > 0 && a.Pixels <= 1e6) || a.Steps < 1 || !(a.LR > 0 && a.LR <= 10) || a.Starts < 1 {
		return fmt.Errorf("pixels %v, steps %d, lr %v and starts %d: want some pixels, at least 1 step, a rate above 0, at most 10, "+
			"and at least 1 start", a.Pixels, a.Steps, a.LR, a.Starts)
	}
	return nil
}

// Measure searches and measures. It needs gradients: ErrBlackBox without.
func (a *TriggerInversion) Measure(ctx context.Context, t *Target) ([]audit.Sample, error) {
	if _, ok := t.Stage.Batch[audit.Triggered]; !ok {
		return nil, errors.New("trigger-inversion: no image is poisoned, so that no model is known to have a backdoor; set " +
			"forget.poisoned above 0, or leave the attack out")
	}
	m, err := t.Open()
	if err != nil {
		return nil, err
	}
	defer m.Params().Free()
	b, err := t.Batch("trigger-inversion", audit.Test)
	if err != nil {
		return nil, err
	}
	if b.View.N < 4 {
		return nil, fmt.Errorf("trigger-inversion: %d test images, want at least 4 to search on and to measure on", b.View.N)
	}
	room := triggerRoom{corpus: t.Corpus, model: m, pixels: a.Pixels}
	search, held := b.Every(0, 2, 32), b.Every(1, 2, b.View.N)
	var index []int
	for i := range held.View.N {
		index = append(index, t.Stage.Index[audit.Test][1+2*i])
	}
	var out []audit.Sample
	for _, setting := range criteria.TriggerTargets {
		found, err := a.search(ctx, t, room, search, setting == criteria.ToldTarget)
		if err != nil {
			return nil, err
		}
		defer found.trigger.Free()
		how := fmt.Sprintf("pixels=%g steps=%d lr=%g starts=%d searched=%d", a.Pixels, a.Steps, a.LR, a.Starts, search.View.N)
		for _, k := range []struct {
			quantity audit.Quantity
			trigger  *torch.Params
		}{{criteria.InvertedTriggerDistance, found.trigger}, {criteria.UntriggeredDistance, nil}} {
			values, err := inBatches(held, func(b corpus.Batch) ([]float64, error) { return room.distances(b, k.trigger, found.picture) })
			if err != nil {
				return nil, err
			}
			x := t.Sample(k.quantity, setting, audit.Test, how, values)
			x.Index = index
			out = append(out, x)
		}
	}
	return out, nil
}

// Statistics returns the effect of the found trigger, ln distance with it less that without, beyond what the one found
// for each retrained model does to it; below 0 is a backdoor.
func (a *TriggerInversion) Statistics(subject *audit.Subject, among Models) ([]audit.Statistic, error) {
	own := pulled(subject, criteria.ToldTarget)
	var theirs [][]float64
	for _, o := range among.Oracles {
		if v := pulled(o, criteria.ToldTarget); len(v) == len(own) {
			theirs = append(theirs, v)
		}
	}
	if len(own) < 2 || len(theirs) < 2 {
		return nil, nil
	}
	e, err := stats.PairedEffect(own, theirs)
	if err != nil {
		return nil, err
	}
	ci := e.Interval(0.95)
	return []audit.Statistic{{Name: triggerInversion.Name, Value: e.Estimate, Lo: ci.Lo, Hi: ci.Hi, Level: 0.95,
		Direction: audit.Neutral, Identity: fmt.Sprintf("log distance to the attacker's picture, found trigger − none, "+
			"from the (other) oracles' n=%d pixels=%g steps=%d", len(own), a.Pixels, a.Steps)}}, nil
}

// pulled is nil where the subject was not attacked.
func pulled(s *audit.Subject, setting string) []float64 {
	with, ok1 := s.SampleAt(criteria.InvertedTriggerDistance.Name, setting, audit.Hole, audit.Test)
	without, ok2 := s.SampleAt(criteria.UntriggeredDistance.Name, setting, audit.Hole, audit.Test)
	if !ok1 || !ok2 || len(with.Values) != len(without.Values) {
		return nil
	}
	out := make([]float64, len(with.Values))
	for i, v := range with.Values {
		out[i] = math.Log(max(v, 1e-12)) - math.Log(max(without.Values[i], 1e-12))
	}
	return out
}
