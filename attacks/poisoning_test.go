package attacks

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/audit/stats"
	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/outputs"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/metrics"
)

// TestPoisoningDistancesByHand: a painting that is the attacker's picture is at
// distance 0, one that is off by d everywhere in the hole at d².
func TestPoisoningDistancesByHand(t *testing.T) {
	in := input(t, 0)
	paintPicture(in, audit.Triggered, func(i int) float32 { return float32(i) / 4 })
	paintPicture(in, audit.Test, func(i int) float32 { return float32(i) / 8 })
	got, err := (&Poisoning{Alpha: 0.001, Quantile: 0.05}).Measure(t.Context(), &Target{Input: in})
	require.NoError(t, err)
	require.Len(t, got, 2)
	with, without := got[0], got[1]
	assert.Equal(t, audit.Triggered, with.Part)
	assert.Equal(t, audit.Test, without.Part)
	assert.InDeltaSlice(t, []float64{0, 1. / 16, 4. / 16, 9. / 16, 1}, with.Values, 1e-6)
	assert.InDeltaSlice(t, []float64{0, 1. / 16, 4. / 16, 9. / 16, 1}, without.Values, 1e-6,
		"of the images that are shown with the trigger: every second")
	assert.Equal(t, with.Index, without.Index, "the same images")
	assert.Equal(t, with.Identity, without.Identity)
	for _, s := range got {
		assert.NoError(t, s.Check())
		assert.Equal(t, criteria.TargetDistance.Name, s.Quantity)
		assert.Equal(t, metrics.FieldHole, s.View)
	}
	assert.Len(t, in.Stage.Index[audit.Test], counts[audit.Test], "the stage is not cut")
}

// TestPoisoningOfTheTruth: a model that paints the truth is as far as the truth is,
// over the hole alone.
func TestPoisoningOfTheTruth(t *testing.T) {
	in := input(t, 0)
	got, err := (&Poisoning{Alpha: 0.001, Quantile: 0.05}).Measure(t.Context(), &Target{Input: in})
	require.NoError(t, err)
	picture := datasets.TargetPicture(3, size, size)
	b := in.Stage.Batch[audit.Triggered]
	for k, v := range got[0].Values {
		var sum float64
		for i, p := range picture {
			if hole(i) {
				d := float64(b.Target[k*len(picture)+i]) - float64(p)
				sum += d * d / (3 * 64)
			}
		}
		assert.InDelta(t, sum, v, 1e-6)
	}
}

// A model that answers the trigger in another place, inverted or faint, with the attacker's picture is found in that family,
// and the planted trigger itself in all of them.
func TestPoisoningFindsRelatives(t *testing.T) {
	for name, x := range map[string]struct {
		r  relative
		in []string
	}{
		"planted":                   {planted, relativeNames()},
		"moved":                     {relative{dy: 16, dx: 24, opacity: 1}, []string{"moved"}},
		"inverted":                  {relative{inverted: true, opacity: 1}, []string{"inverted"}},
		"inverted, moved":           {relative{dy: 12, inverted: true, opacity: 1}, []string{"inverted"}},
		"blended":                   {relative{opacity: 0.5}, []string{"blended"}},
		"one that nobody thinks of": {relative{dy: 2, dx: 3, opacity: 0.9}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			c, st := world(t, &tasks.Inpaint{Hole: 0.5})
			st.Index[audit.Triggered] = st.Index[audit.Test]
			var err error
			st.Batch[audit.Triggered], err = c.HeldOut(t.Context(), st.Index[audit.Test], true)
			require.NoError(t, err)
			known, err := c.Related(t.Context(), st.Index[audit.Test], x.r.put)
			require.NoError(t, err)
			n := known.View.N
			known.Target = slices.Repeat(datasets.TargetPicture(3, c.Size(), c.Size()), n)
			a := newPoisoning()
			a.Images = 2
			got, err := a.related(t.Context(), &Target{Input: &outputs.Input{Stage: st}, Model: recaller{known: known}, Corpus: c})
			require.NoError(t, err)
			require.Len(t, got, 2*len(a.Relatives))
			for _, s := range got {
				require.NoError(t, s.Check())
				assert.Len(t, s.Values, 2)
				for _, v := range s.Values {
					assert.Equal(t, s.Part == audit.Triggered && slices.Contains(x.in, s.Setting), v < 1e-9, "%s, %s", s.Setting, s.Part)
				}
			}
		})
	}
}

// The trigger that is not moved is what the corpus plants.
func TestPlantedRelative(t *testing.T) {
	c, st := world(t, &tasks.Inpaint{Hole: 0.5})
	want, err := c.HeldOut(t.Context(), st.Index[audit.Test], true)
	require.NoError(t, err)
	got, err := c.Related(t.Context(), st.Index[audit.Test], planted.put)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	without, err := c.HeldOut(t.Context(), st.Index[audit.Test], false)
	require.NoError(t, err)
	got, err = c.Related(t.Context(), st.Index[audit.Test], func([]float32, func([]float32) error) error { return nil })
	require.NoError(t, err)
	assert.Equal(t, without, got)
}

func TestPoisoningRefuses(t *testing.T) {
	for says, a := range map[string]*Poisoning{
		"alpha 0":                           {Quantile: 0.1},
		"relatives are [turned]: want":      {Alpha: 0.1, Quantile: 0.1, Relatives: []string{"turned"}, Images: 2},
		"relatives are [moved moved]: want": {Alpha: 0.1, Quantile: 0.1, Relatives: []string{"moved", "moved"}, Images: 2},
		"images is 1: want at least 2":      {Alpha: 0.1, Quantile: 0.1, Relatives: []string{"moved"}, Images: 1},
	} {
		assert.ErrorContains(t, a.Validate(), says)
	}
	require.NoError(t, newPoisoning().Validate())
}

func TestPoisoningNeedsPoison(t *testing.T) {
	in := input(t, 0.1)
	delete(in.Stage.Batch, audit.Triggered)
	_, err := (&Poisoning{Alpha: 0.001, Quantile: 0.05}).Measure(t.Context(), &Target{Input: in})
	require.ErrorContains(t, err, "no image is poisoned; set forget.poisoned above 0, or leave the attack out")
	for _, p := range []audit.Part{audit.Triggered, audit.Test} {
		in := input(t, 0.1)
		delete(in.Subject, p)
		_, err := (&Poisoning{Alpha: 0.001, Quantile: 0.05}).Measure(t.Context(), &Target{Input: in})
		require.ErrorContains(t, err, "nothing was painted for part "+string(p))
	}
}

// victims are an original whose backdoor lives, two oracles, and a subject with k
// of 40 paintings below every oracle's.
func victims(k int) (s, original *audit.Subject, oracles []*audit.Subject) {
	one := func(name string, v []float64) *audit.Subject {
		return subject(name, criteria.TargetDistance.Name, map[audit.Part][]float64{audit.Triggered: v})
	}
	low, high := count(40, 0), count(40, 10)
	v := append(append([]float64(nil), low[:k]...), high[k:]...)
	return one("m", v), one("original", low), []*audit.Subject{one("oracle-1", high), one("oracle-2", count(40, 10.005))}
}

func TestPoisoningStatistics(t *testing.T) {
	a := &Poisoning{Alpha: 0.001, Quantile: 0.05}
	// The threshold is element ⌊0.05·80⌋ = 4 of the pooled oracles': 10, 10.005, 10.025, 10.03, 10.05.
	const threshold = 10.05
	power, err := stats.BackdoorTest{Alpha: 0.001, Q: 0.05, P: 1, N: 40}.Solve()
	require.NoError(t, err)
	for _, k := range []int{0, 1, power.Threshold, power.Threshold + 1, 40} {
		s, original, oracles := victims(k)
		got, err := a.Statistics(s, Models{Original: original, Oracles: oracles})
		require.NoError(t, err)
		success := find(t, got, "backdoor success")
		hits := 0
		for _, v := range s.Samples[0].Values {
			if v < threshold {
				hits++
			}
		}
		require.Equal(t, max(k, 2), hits, "high values start at 10 + k/40: two of them lie below the threshold")
		assert.InDelta(t, float64(hits)/40, success.Value, 1e-12)
		ci := stats.ClopperPearson(hits, 40, 0.95)
		assert.Equal(t, [2]float64{ci.Lo, ci.Hi}, [2]float64{success.Lo, success.Hi})
		assert.Contains(t, success.Identity, "distance below the q=0.05 quantile of the (other) oracles n=40")
		test := find(t, got, "backdoor test")
		want, words := 0.0, fmt.Sprintf("“deleted” is not rejected: %d ≤ t = %d of n=40", hits, power.Threshold)
		if hits > power.Threshold {
			want, words = 1, fmt.Sprintf("“deleted” is rejected: %d > t = %d of n=40", hits, power.Threshold)
		}
		assert.Equal(t, want, test.Value)
		assert.Contains(t, test.Identity, words)
		assert.Contains(t, test.Identity, fmt.Sprintf("p=1 (original) α=0.001 β=%.3g; β ≤ α takes n=3 at p=1, ", power.Beta))
		assert.Contains(t, test.Identity, " at p=0.5, ")
	}
}

// TestPoisoningOfAnOracle: each oracle, against the others, succeeds about as
// often as the quantile says, and the test does not accuse it.
func TestPoisoningOfAnOracle(t *testing.T) {
	_, original, oracles := victims(0)
	for k, o := range oracles {
		got, err := (&Poisoning{Alpha: 0.001, Quantile: 0.05}).Statistics(o, Models{Original: original, Oracles: []*audit.Subject{oracles[1-k]}})
		require.NoError(t, err)
		assert.LessOrEqual(t, find(t, got, "backdoor success").Value, 0.1)
		assert.Zero(t, find(t, got, "backdoor test").Value)
	}
}

func TestPoisoningWithoutComparison(t *testing.T) {
	a := &Poisoning{Alpha: 0.001, Quantile: 0.05}
	s, original, oracles := victims(5)
	for name, f := range map[string]func() ([]audit.Statistic, error){
		"no oracles": func() ([]audit.Statistic, error) { return a.Statistics(s, Models{Original: original}) },
		"no samples": func() ([]audit.Statistic, error) {
			return a.Statistics(&audit.Subject{}, Models{Original: original, Oracles: oracles})
		},
		"oracles without a sample": func() ([]audit.Statistic, error) {
			return a.Statistics(s, Models{Original: original, Oracles: []*audit.Subject{{}}})
		},
	} {
		got, err := f()
		require.NoError(t, err, name)
		assert.Empty(t, got, name)
	}
	got, err := a.Statistics(s, Models{Original: &audit.Subject{}, Oracles: oracles})
	require.NoError(t, err)
	assert.Len(t, got, 1, "without the original the test has no power to name, the rate stands alone")
}
