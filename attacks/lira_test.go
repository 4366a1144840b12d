package attacks

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
)

// crowd is models whose errors on 60 forget and 120 test images are each image's own, times noise; those that know an
// image err less on it by a factor.
type crowd struct{ forget, test []float64 }

func newCrowd() crowd {
	r := rand.New(rand.NewPCG(1, 1))
	draw := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = math.Exp(r.NormFloat64()) / 10
		}
		return v
	}
	return crowd{draw(60), draw(120)}
}

func (c crowd) model(name string, seed uint64, factor float64) *audit.Subject {
	r := rand.New(rand.NewPCG(seed, 2))
	noisy := func(v []float64, factor float64) []float64 {
		out := make([]float64, len(v))
		for i := range v {
			out[i] = v[i] * factor * math.Exp(0.2*r.NormFloat64())
		}
		return out
	}
	return subject(name, criteria.ReconstructionError.Name, map[audit.Part][]float64{
		audit.Forget: noisy(c.forget, factor), audit.Test: noisy(c.test, 1)})
}

func (c crowd) statistics(t *testing.T, name string, factor float64) map[string]audit.Statistic {
	t.Helper()
	among := Models{Original: c.model("original", 5, 0.1)}
	for k := range 4 {
		among.Oracles = append(among.Oracles, c.model(fmt.Sprint("oracle-", k), uint64(10+k), 1))
		for i, of := range []string{"original", "decouple", "other"} {
			s := c.model(audit.ShadowOf(of, k+1), []uint64{40, 20, 30}[i]+uint64(k), []float64{0.1, 0.7, 0.1}[i])
			s.ShadowOf = of
			among.Shadows = append(among.Shadows, s)
		}
	}
	a := &LiRA{FPR: 0.01, A: 0.3, Delta: 1e-5}
	require.NoError(t, a.Validate())
	got, err := a.Statistics(c.model(name, 99, factor), among)
	require.NoError(t, err)
	again, err := a.Statistics(c.model(name, 99, factor), among)
	require.NoError(t, err)
	assert.Equal(t, got, again)
	out := map[string]audit.Statistic{}
	for _, s := range got {
		out[s.Name] = s
	}
	return out
}

// Images differ among themselves far more than knowing one changes its error: the population attack sees little, the
// attacks example by example see it.
func TestLiRASeesWhatThePopulationHides(t *testing.T) {
	c := newCrowd()
	knows, forgot, barely := c.statistics(t, "decouple", 0.5), c.statistics(t, "decouple", 1), c.statistics(t, "decouple", 0.7)
	population, err := (&Membership{FPR: 0.01}).Statistics(c.model("decouple", 99, 0.5), Models{})
	require.NoError(t, err)
	assert.Less(t, population[0].Value, 0.75)
	assert.Greater(t, knows["LiRA AUC"].Value, 0.95)
	assert.Greater(t, knows["LiRA AUC"].Lo, population[0].Hi)
	assert.Greater(t, knows["LiRA TPR@1%FPR"].Value, 0.5)
	assert.Greater(t, knows["RMIA AUC"].Value, 0.8)
	assert.Greater(t, knows["one-run ε ≥"].Value, 0.5)
	assert.InDelta(t, 0.5, forgot["LiRA AUC"].Value, 0.12)
	assert.InDelta(t, 0.5, forgot["RMIA AUC"].Value, 0.12)
	assert.Zero(t, forgot["one-run ε ≥"].Value)
	assert.InDelta(t, 0.5, forgot["U-LiRA AUC"].Value, 0.15, "it is like a retrained model, not like its shadows")
	assert.Greater(t, barely["U-LiRA AUC"].Value, 0.8, "it is like its shadows")
	assert.Greater(t, barely["U-LiRA AUC"].Lo, 0.5)
	assert.Greater(t, knows["online LiRA AUC"].Lo, 0.5, "it is nearer to a model that was trained on them")
	assert.InDelta(t, 0.5, forgot["online LiRA AUC"].Value, 0.15)
	assert.Contains(t, forgot["online LiRA AUC"].Identity, "4 shadows", "those of originals alone")
}

// A claim of less ε than the lower bound fails; a claim of more is not proven.
func TestClaimOfUnlearningIsRefuted(t *testing.T) {
	c := newCrowd()
	among := Models{Oracles: []*audit.Subject{c.model("o1", 11, 1), c.model("o2", 12, 1), c.model("o3", 13, 1)}}
	s := c.model("decouple", 99, 0.5)
	for _, x := range []struct {
		epsilon, refuted float64
		says             string
	}{{0.01, 1, "FAILS"}, {50, 0, "not refuted"}} {
		s.Guarantee = &audit.Guarantee{Epsilon: x.epsilon, Delta: 1e-5,
			Assumptions: []audit.Assumption{{Text: "clipped", Holds: true}, {Text: "from the same original"}}}
		got, err := (&LiRA{FPR: 0.01, A: 0.3, Delta: 1e-5}).Statistics(s, among)
		require.NoError(t, err)
		claim := find(t, got, "claimed ε refuted")
		assert.Equal(t, x.refuted, claim.Value)
		assert.Contains(t, claim.Identity, x.says)
		assert.Contains(t, claim.Identity, "not by construction: from the same original")
		assert.NotContains(t, claim.Identity, "clipped")
	}
}

func TestLiRASaysNothingWithoutModels(t *testing.T) {
	c := newCrowd()
	a := &LiRA{FPR: 0.01, A: 0.3}
	one := []*audit.Subject{c.model("o", 1, 1)}
	for _, among := range []Models{{}, {Oracles: one}, {Oracles: append(one, &audit.Subject{})}} {
		got, err := a.Statistics(c.model("s", 2, 1), among)
		require.NoError(t, err)
		assert.Empty(t, got)
	}
	got, err := a.Statistics(c.model("none", 2, 1), Models{Oracles: []*audit.Subject{c.model("o", 1, 1), c.model("p", 3, 1)}})
	require.NoError(t, err)
	assert.Len(t, got, 4, "no shadows, no U-LiRA")
	samples, err := a.Measure(t.Context(), nil)
	require.NoError(t, err)
	assert.Empty(t, samples)
	assert.Equal(t, []string{"membership"}, a.Reads())
	for _, bad := range []*LiRA{{A: 1}, {FPR: 1}, {FPR: 0.1, A: 2}, {FPR: 0.1, Delta: 1}} {
		assert.Error(t, bad.Validate())
	}
}
