package attacks

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
)

// A curve and the statistic beside it are of the same scores.
func TestMembershipCurves(t *testing.T) {
	c := newCrowd()
	among := Models{Oracles: []*audit.Subject{c.model("oracle-1", 1, 1), c.model("oracle-2", 2, 1)}}
	s := c.model("original", 3, 0.1)
	got, err := new(Membership).Curves(s, among)
	require.NoError(t, err)
	require.Len(t, got, 2)
	assert.Equal(t, []string{"by the error", "LiRA"}, []string{got[0].Name, got[1].Name})
	stat, err := (&LiRA{FPR: 0.01, A: 0.3}).Statistics(s, Models{Original: s, Oracles: among.Oracles})
	require.NoError(t, err)
	best := 1. / 60
	for i, x := range got[1].X {
		if x < 0.01 {
			best = got[1].Y[i]
		}
	}
	assert.Equal(t, stat[1].Value, best, "%s", stat[1].Name)
	for _, c := range got {
		assert.Equal(t, audit.ROC, c.Kind)
		assert.Len(t, c.X, 180, "a point for each of 60 and 120 images")
	}

	s.Role = audit.RoleOracle
	got, err = new(Membership).Curves(s, among)
	require.NoError(t, err)
	require.Len(t, got, 1)
	assert.Equal(t, "LiRA", got[0].Name)
	got, err = new(Membership).Curves(s, Models{Oracles: among.Oracles[:1]})
	require.NoError(t, err)
	assert.Empty(t, got, "one other oracle has no spread")
	got, err = new(Membership).Curves(&audit.Subject{}, among)
	require.NoError(t, err)
	assert.Empty(t, got, "nothing was measured")
}

func TestPoisoningCurves(t *testing.T) {
	model := func(role audit.Role, distances ...float64) *audit.Subject {
		s := subject(string(role), criteria.TargetDistance.Name, map[audit.Part][]float64{audit.Triggered: distances})
		s.Role = role
		return s
	}
	a := &Poisoning{Alpha: 0.001, Quantile: 0.05}
	original := model(audit.RoleOriginal, .1, .1, .1, 9)
	among := Models{Original: original, Oracles: []*audit.Subject{model(audit.RoleOracle, 1, 2, 3, 4)}}
	got, err := a.Curves(original, among)
	require.NoError(t, err)
	require.Len(t, got, 4)
	assert.Equal(t, "succeeds in 0.75 (the original's)", got[0].Name)
	assert.Equal(t, "succeeds in 0.1", got[3].Name)
	for _, c := range got {
		assert.Equal(t, audit.Power, c.Kind)
		assert.Equal(t, 4., c.Here)
		assert.Len(t, c.X, 60)
		assert.Len(t, c.Y, 60)
	}
	for _, m := range []*audit.Subject{among.Oracles[0], model(audit.RoleMethod, 1)} {
		got, err = a.Curves(m, among)
		require.NoError(t, err)
		assert.Empty(t, got)
	}
	got, err = a.Curves(original, Models{Original: original})
	require.NoError(t, err)
	assert.Empty(t, got, "no oracle says what a success is")
}
