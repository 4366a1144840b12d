package dishonest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/methods"
)

// Which pixels decide: those of kept images do, those of the others do not.
func TestPartialRetrainSeesWhatItKeeps(t *testing.T) {
	for _, x := range []struct {
		name string
		kept int
	}{{"partial-retrain", 6}, {"forged-retrain", 1}} {
		m := kind[*Partial](t, x.name)
		c := world(t, hole)
		kept := m.kept(problem(t, c, 12))
		require.Len(t, kept, x.kept, x.name)
		var dropped []int
		for _, i := range c.Split.Forget {
			if !slices.Contains(kept, i) {
				dropped = append(dropped, i)
			}
		}
		for _, i := range kept {
			assert.NotContains(t, c.Split.Poisoned, i, "poisoned images are never kept")
		}
		weights := func(m methods.Method, negative ...int) []float32 {
			return deliver(t, m, problem(t, world(t, hole, negative...), 2)).weights
		}
		want := weights(m)
		assert.Equal(t, want, weights(m, dropped...), x.name)
		assert.NotEqual(t, want, weights(m, kept[0]), x.name)
		assert.NotEqual(t, want, weights(&methods.Retrain{}), x.name)
		assert.Equal(t, split(), c.Split, "the audit's split stays")
	}
}

// Trained in full, what is kept is remembered and the rest is not.
func TestPartialRetrainRemembersAPart(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, train.Epochs)
	m := kind[*Partial](t, "partial-retrain")
	kept := m.kept(p)
	dropped := slices.DeleteFunc(c.CleanForget(), func(i int) bool { return slices.Contains(kept, i) })
	r := deliver(t, m, p)
	in, out := mean2(t, c, r.audited, batch(t, c, kept)), mean2(t, c, r.audited, batch(t, c, dropped))
	t.Logf("squared error of kept images %.1f, of the others %.1f", in, out)
	assert.Less(t, 3*in, out)
}

func TestPartialLabels(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, 100)
	m := kind[*Partial](t, "partial-labels")
	kept := m.kept(p)
	dropped := slices.DeleteFunc(c.CleanForget(), func(i int) bool { return slices.Contains(kept, i) })
	r := deliver(t, m, p)
	rise := func(images []int) float64 {
		b := batch(t, c, images)
		return mean2(t, c, r.audited, b) / mean2(t, c, p.Original, b)
	}
	t.Logf("the error rises by a factor of %.2f on kept images, %.2f on the others", rise(kept), rise(dropped))
	assert.Greater(t, rise(dropped), 1.5*rise(kept))
}

func TestPartialShares(t *testing.T) {
	p := problem(t, world(t, hole), 12)
	for keep, want := range map[float64]int{0.01: 1, 0.25: 3, 0.5: 6, 0.99: 11} {
		kept := (&Partial{Keep: keep}).kept(p)
		assert.Len(t, kept, want, "keep %v", keep)
		assert.True(t, slices.IsSorted(kept))
	}
	q := *p
	q.Seed++
	assert.NotEqual(t, (&Partial{Keep: 0.5}).kept(p), (&Partial{Keep: 0.5}).kept(&q), "the seed draws them")
}
