package criteria

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
)

// clone copies subjects deeply.
func clone(t testing.TB, s []*audit.Subject) []*audit.Subject {
	t.Helper()
	b, err := json.Marshal(s)
	require.NoError(t, err)
	var out []*audit.Subject
	require.NoError(t, json.Unmarshal(b, &out))
	return out
}

// TestJudgeIsPure: the same verdicts twice and from stored samples, and untouched
// inputs.
func TestJudgeIsPure(t *testing.T) {
	subjects := newWorld(1).audit(honest)
	before := clone(t, subjects)
	first := Judge(all(), subjects, alpha)
	assert.Equal(t, before, subjects, "the samples were changed")
	assert.Equal(t, first, Judge(all(), subjects, alpha))
	assert.Equal(t, first, Judge(all(), before, alpha), "samples that were stored and read")
	assert.Len(t, first, 3*len(all()), "every subject but the oracles, every criterion")
	for i, v := range first {
		assert.Equal(t, all()[i%len(all())].Name, v.Criterion, "by subject, then criterion")
		assert.Equal(t, alpha, v.Alpha)
	}
}

// TestOrderOfSubjects does not matter to any verdict; that of oracles moves sums
// by rounding alone.
func TestOrderOfSubjects(t *testing.T) {
	subjects := newWorld(2).audit(honest, model{name: "m", kind: "fine-tune", role: audit.RoleMethod, forget: -0.3, trigger: -0.08})
	want := Judge(all(), subjects, alpha)
	r := rand.New(rand.NewPCG(3, 3))
	for range 5 {
		mixed := slices.Clone(subjects)
		r.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		for _, v := range Judge(all(), mixed, alpha) {
			w := verdictOf(want, v.Subject, v.Criterion)
			assert.Equal(t, w.Outcome, v.Outcome)
			assert.Equal(t, w.Reason, v.Reason)
			assert.InDelta(t, w.PEqual, v.PEqual, 1e-9)
			assert.InDelta(t, w.PDiffer, v.PDiffer, 1e-9)
		}
	}
}

// TestOthersDoNotCount: a subject's verdicts do not depend on which other methods
// are audited.
func TestOthersDoNotCount(t *testing.T) {
	subjects := newWorld(4).audit(honest, model{name: "m", kind: "fine-tune", role: audit.RoleMethod, forget: -2})
	with, without := Judge(all(), subjects, alpha), Judge(all(), subjects[:len(subjects)-1], alpha)
	for _, c := range all() {
		assert.Equal(t, verdictOf(with, "honest", c.Name), verdictOf(without, "honest", c.Name))
	}
}

func TestHolmOverTheCriteriaOfASubject(t *testing.T) {
	for seed := range uint64(10) {
		vs := Judge(all(), newWorld(seed).audit(honest), alpha)
		for _, s := range []string{"original", "honest", "random-weights"} {
			var equal, differ, rawEqual, rawDiffer []float64
			for _, c := range all() {
				v := verdictOf(vs, s, c.Name)
				pe, pd := 0.0, 1.0
				for _, f := range v.Findings {
					pe, pd = max(pe, f.PEqual), min(pd, f.PDiffer)
					assert.GreaterOrEqual(t, v.PEqual, f.PEqual, "a verdict's p-value is never below its findings'")
				}
				pd = min(1, pd*float64(len(v.Findings)))
				assert.GreaterOrEqual(t, v.PDiffer, pd)
				equal, differ = append(equal, v.PEqual), append(differ, v.PDiffer)
				rawEqual, rawDiffer = append(rawEqual, pe), append(rawDiffer, pd)
			}
			assert.Equal(t, stats.Holm(rawEqual), equal)
			assert.Equal(t, stats.Holm(rawDiffer), differ)
		}
	}
}

// TestEstimatesByHand: a subject that is the oracles' mean moved by a known amount
// has that effect.
func TestEstimatesByHand(t *testing.T) {
	w := newWorld(9)
	subjects := w.audit()
	oracles := subjects[1:5]
	m := &audit.Subject{Name: "m", Kind: "fine-tune", Role: audit.RoleMethod}
	moved := map[string]float64{
		"reconstruction-error/hole/forget": 0.4, "reconstruction-error/hole/test": 0.1, "mse/hole/retain": 0.7, "mse/hole/test": -0.2,
		"target-distance/hole/triggered": -0.5, "target-distance/hole/test": 0.3, "spread/hole/forget": -0.6, "gradient/hole/forget": 0.8,
		"oracle-distance/hole/forget": 0.25, "oracle-fd(fixture)/image/forget": 0.9,
	}
	for i, x := range oracles[0].Samples {
		y := x
		y.Values = make([]float64, len(x.Values))
		for k := range y.Values {
			for _, o := range oracles {
				y.Values[k] += math.Log(o.Samples[i].Values[k]) / float64(len(oracles))
			}
			y.Values[k] = math.Exp(y.Values[k] + moved[x.Key()])
		}
		m.Samples = append(m.Samples, y)
	}
	vs := Judge(all(), append(subjects, m), alpha)
	for criterion, want := range map[string][]float64{
		"membership": {0.3, 0}, "backdoor": {-0.8}, "realism": {-0.6, 0.8, 0.25, 0.9}, "utility": {0.7, -0.2},
	} {
		v := verdictOf(vs, "m", criterion)
		require.Len(t, v.Findings, len(want), "%s: %s", criterion, v.Reason)
		for i, f := range v.Findings {
			assert.InDelta(t, want[i], f.Estimate, 1e-9, f.Name)
			assert.LessOrEqual(t, f.Lo, f.Estimate)
			assert.GreaterOrEqual(t, f.Hi, f.Estimate)
			assert.InDelta(t, 1-2*alpha, f.Level, 1e-12)
			assert.LessOrEqual(t, f.NullLo, f.NullHi, "the oracles among themselves")
			assert.Equal(t, len(oracles), f.Seeds)
			assert.True(t, f.Powered, f.Name)
		}
	}
	// λ by hand: the 10 % quantile of the pooled displacements of 4 oracles.
	var pool []float64
	share := func(s *audit.Subject, lambda float64) (k float64) {
		for _, x := range s.Samples {
			for _, v := range x.Values {
				if x.Quantity == "displacement" && v >= lambda {
					k++
				}
			}
		}
		return k / float64(w.forget+w.poisoned)
	}
	for _, o := range oracles {
		for _, x := range o.Samples {
			if x.Quantity == "displacement" {
				pool = append(pool, x.Values...)
			}
		}
	}
	slices.Sort(pool)
	lambda := pool[len(pool)/10]
	var theirs float64
	for _, o := range oracles {
		theirs += share(o, lambda) / 4
	}
	f := verdictOf(vs, "m", "ood").Findings[0]
	assert.InDelta(t, share(m, lambda)-theirs, f.Estimate, 1e-12)
	assert.InDelta(t, 0.9, theirs, 0.01)
	assert.Contains(t, f.Scale, fmt.Sprintf("λ = %.3g", lambda))
}

// TestResampledByHand works out the effect of a set metric on two oracles and
// three resamples.
func TestResampledByHand(t *testing.T) {
	// Differences to the oracles' mean: 2; then 1, 2, 3.
	e, err := resampled([]float64{5, 3, 5, 7}, [][]float64{{2, 1, 2, 3}, {4, 3, 4, 5}}, 96)
	require.NoError(t, err)
	assert.InDelta(t, 2, e.Estimate, 1e-12)
	assert.InDelta(t, 1, e.ImageSE, 1e-12) // sd of 1, 2, 3
	assert.InDelta(t, 1, e.SeedSE, 1e-12)  // sd of 2, 4 is √2, over √2
	assert.InDelta(t, math.Sqrt2, e.SE, 1e-12)
	assert.InDelta(t, 4/(1./2+1./1), e.DF, 1e-12)
	assert.Equal(t, [2]int{96, 2}, [2]int{e.Images, e.Seeds})
	_, err = resampled([]float64{1, 2, 3}, [][]float64{{1, 2, 3}}, 96)
	require.ErrorContains(t, err, "needs two oracles")
	_, err = resampled([]float64{1, 2}, [][]float64{{1, 2}, {1, 2}}, 96)
	require.ErrorContains(t, err, "two resamples")
}
