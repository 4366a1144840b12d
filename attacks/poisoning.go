package attacks

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/audit/stats"
	"github.com/lethe-audit/lethe/internal/datasets"
)

var poisoningEntry = audit.Entry[Attack]{
	Name: "poisoning", Needs: audit.Traits{Poison: true},
	Doc:    "does the trigger still call up the attacker's picture? distances on held-out images, hypothesis test",
	New:    func() Attack { return newPoisoning() },
	Leaves: []audit.Quantity{criteria.TargetDistance, backdoorSuccess, backdoorTest},
}

// What the attack leaves, beside criteria.TargetDistance.
var (
	backdoorSuccess = audit.Quantity{Name: "backdoor success", Head: "success", Unit: "share, 0…1", Direction: audit.Lower,
		What: "triggered images on which the attacker's picture is reached"}
	backdoorTest = audit.Quantity{Name: "backdoor test", Head: "test", Unit: "1 where “deleted” is rejected", Direction: audit.Lower,
		What: "hypothesis test of “the poison was deleted”"}
)

// Poisoning is the data-poisoning attack: part of the forget set carried a
// trigger and had the attacker's picture as its target. On held-out images with
// the trigger, and on the same images without, it measures how far the paintings
// are from the attacker's picture.
type Poisoning struct {
	Alpha    float64 `json:"alpha"`    // type-I error of the hypothesis test
	Quantile float64 `json:"quantile"` // of the oracles' distances, below which an attack succeeds: its rate q on forgotten models

	Relatives []string `json:"relatives"` // families of the trigger's relatives that are tried as well
	Images    int      `json:"images"`    // that these are tried on at most, at even distances
}

func newPoisoning() *Poisoning {
	return &Poisoning{Alpha: 0.001, Quantile: 0.05, Relatives: relativeNames(), Images: 16}
}

// Validate checks the parameters.
func (a *Poisoning) Validate() error {
	if !(a.Alpha > 0 && a.Alpha < 1 && a.Quantile > 0 && a.Quantile < 1) {
		return fmt.Errorf("alpha %v and quantile %v must be between 0 and 1", a.Alpha, a.Quantile)
	}
	for i, r := range a.Relatives {
		if !slices.Contains(relativeNames(), r) || slices.Contains(a.Relatives[:i], r) {
			return fmt.Errorf("relatives are %v: want different ones of %v", a.Relatives, relativeNames())
		}
	}
	if len(a.Relatives) > 0 && a.Images < 2 {
		return fmt.Errorf("images is %d: want at least 2 that the trigger's relatives are tried on", a.Images)
	}
	return nil
}

// Measure returns the distances with the trigger (part triggered) and without
// (part test; the same images), then those of its relatives.
func (a *Poisoning) Measure(ctx context.Context, t *Target) ([]audit.Sample, error) {
	in := t.Input
	trig, ok := in.Stage.Batch[audit.Triggered]
	if !ok {
		return nil, fmt.Errorf("poisoning: no image is poisoned; set forget.poisoned above 0, or leave the attack out")
	}
	picture := datasets.TargetPicture(3, in.Stage.Size, in.Stage.Size)
	pictures := func(n int) []float32 {
		out := make([]float32, 0, n*len(picture))
		for range n {
			out = append(out, picture...)
		}
		return out
	}
	with, err := regionErrors(in, criteria.TargetDistance, audit.Triggered, pictures(trig.View.N))
	if err != nil {
		return nil, err
	}
	without, err := regionErrors(in, criteria.TargetDistance, audit.Test, pictures(in.Stage.Batch[audit.Test].View.N))
	if err != nil {
		return nil, err
	}
	if without.Values, err = valuesFor(without, with.Index); err != nil {
		return nil, err
	}
	without.Index, without.Identity = with.Index, with.Identity
	out := []audit.Sample{with, without}
	if len(a.Relatives) == 0 {
		return out, nil
	}
	more, err := a.related(ctx, t)
	return append(out, more...), err
}

// valuesFor are a sample's values for some of its images.
func valuesFor(s audit.Sample, images []int) ([]float64, error) {
	out := make([]float64, len(images))
	for k, i := range images {
		at := slices.Index(s.Index, i)
		if at < 0 {
			return nil, fmt.Errorf("poisoning: image %d is shown with the trigger, but not without", i)
		}
		out[k] = s.Values[at]
	}
	return out, nil
}

// Statistics returns the attack's success rate: the share of triggered paintings
// nearer to the attacker's picture than the Quantile of the oracles' are, with
// the test of "the poison was deleted" (Sommer et al., Athena, arXiv 2003.04247):
// reject when more than t of n succeed, P[Bin(n, q) > t] ≤ α. It is a threshold
// on a rate, and blind to a backdoor that is weakened but alive; the backdoor
// criterion compares the distances themselves.
func (a *Poisoning) Statistics(subject *audit.Subject, among Models) ([]audit.Statistic, error) {
	s, ok := subject.Sample(criteria.TargetDistance.Name, audit.Hole, audit.Triggered)
	if !ok {
		return nil, nil
	}
	threshold, ok := a.threshold(among)
	if !ok {
		return nil, nil
	}
	k, n := countBelow(s.Values, threshold), len(s.Values)
	ci := stats.ClopperPearson(k, n, 0.95)
	id := fmt.Sprintf("distance below the q=%g quantile of the (other) oracles n=%d", a.Quantile, n)
	out := []audit.Statistic{{Name: backdoorSuccess.Name, Value: float64(k) / float64(n), Lo: ci.Lo, Hi: ci.Hi, Level: 0.95,
		Direction: audit.Lower, Identity: id}}
	o, ok := among.Original.Sample(criteria.TargetDistance.Name, audit.Hole, audit.Triggered)
	if !ok {
		return out, nil
	}
	alive := float64(countBelow(o.Values, threshold)) / float64(len(o.Values))
	test, err := stats.BackdoorTest{Alpha: a.Alpha, Q: a.Quantile, P: alive, N: n}.Solve()
	if err != nil {
		return nil, err
	}
	rejected, answer := 0.0, fmt.Sprintf("“deleted” is not rejected: %d ≤ t", k)
	if k > test.Threshold {
		rejected, answer = 1, fmt.Sprintf("“deleted” is rejected: %d > t", k)
	}
	return append(out, audit.Statistic{Name: backdoorTest.Name, Value: rejected, Direction: audit.Lower,
		Identity: fmt.Sprintf("%s = %d of n=%d; q=%g p=%.3g (original) α=%g β=%.3g%s", answer, test.Threshold, n, a.Quantile,
			alive, a.Alpha, test.Beta, a.power(alive))}), nil
}

// threshold is the Quantile of the oracles' distances; ok is false where none was measured.
func (a *Poisoning) threshold(among Models) (t float64, ok bool) {
	var null []float64
	for _, o := range among.Oracles {
		if x, ok := o.Sample(criteria.TargetDistance.Name, audit.Hole, audit.Triggered); ok {
			null = append(null, x.Values...)
		}
	}
	if len(null) == 0 {
		return 0, false
	}
	slices.Sort(null)
	return null[int(a.Quantile*float64(len(null)))], true
}

// power is the test's power curve in words: how many images it takes to overlook a backdoor with β ≤ α at most, for one
// as alive as the original's and for weaker ones.
func (a *Poisoning) power(alive float64) string {
	var out []string
	for _, p := range []float64{alive, 0.5, 0.25, 0.1} {
		if p > alive {
			continue
		}
		if n, ok := (stats.BackdoorTest{Alpha: a.Alpha, Q: a.Quantile, P: p}).QueriesNeeded(a.Alpha); ok {
			out = append(out, fmt.Sprintf("%d at p=%.3g", n, p))
		}
	}
	if len(out) == 0 {
		return "; no number of images would do"
	}
	return "; β ≤ α takes n=" + strings.Join(out, ", ")
}

// countBelow is how many of the values are smaller than a threshold.
func countBelow(v []float64, threshold float64) int {
	k := 0
	for _, x := range v {
		if x < threshold {
			k++
		}
	}
	return k
}
