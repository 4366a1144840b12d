package measure

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/outputs"
	"github.com/lethe-audit/lethe/metrics"
	"github.com/lethe-audit/lethe/metrics/sets"
)

func TestOracleFDAveragesOverTheOthers(t *testing.T) {
	in := input(t)
	full := func(oracles ...outputs.Model) float64 {
		in.Oracles = oracles
		return measured(t, "oracle-fd", in)["oracle-fd(fixture)/image/forget"].Values[0]
	}
	a, b := in.Oracles[0], in.Oracles[1]
	x, err := metrics.Embeddings(in.Subject[audit.Forget].Vectors.Features, counts[audit.Forget], stageDim)
	require.NoError(t, err)
	to := func(m outputs.Model) float64 {
		y, err := metrics.Embeddings(m[audit.Forget].Vectors.Features, counts[audit.Forget], stageDim)
		require.NoError(t, err)
		v, err := sets.FrechetFeatures(x, y)
		require.NoError(t, err)
		return v
	}
	assert.InDelta(t, (to(a)+to(b))/2+floor, full(a, b), 1e-9)
	// An oracle is measured with the others alone: itself among them would pull it to zero.
	in.Subject = a
	alone := full(b)
	assert.Greater(t, alone, 1e-3)
	assert.InDelta(t, (alone-floor)/2+floor, full(a, b), 1e-6)
	in.Oracles = nil
	assert.Empty(t, measured(t, "oracle-fd", in), "nothing to compare with")
}

// TestOracleDistanceByHand: root mean squared differences over the hole of ½ and ⅛
// from two oracles have the geometric mean ¼.
func TestOracleDistanceByHand(t *testing.T) {
	in := input(t)
	off := func(d float32) outputs.Model {
		m := paint(in.Stage, 0, 1)
		for p, set := range m {
			for i := range set.Images {
				if at := i % (stageSize * stageSize); in.Stage.Batch[p].View.Region[at] == 1 {
					set.Images[i] += d
				} else if i == 0 {
					set.Images[i] += 9 // outside of the hole
				}
			}
		}
		return m
	}
	in.Subject, in.Oracles = paint(in.Stage, 0, 1), []outputs.Model{off(0.5), off(-0.125)}
	got := measured(t, "oracle-distance", in)
	for k, s := range got {
		for _, v := range s.Values {
			assert.InDelta(t, 0.25, v, 1e-5, k)
		}
	}
	in.Oracles = []outputs.Model{in.Subject}
	for _, v := range measured(t, "oracle-distance", in)["oracle-distance/hole/forget"].Values {
		assert.InDelta(t, floor, v, 1e-12, "at an oracle itself the logarithm stays finite")
		assert.Positive(t, v)
	}
	in.Oracles = nil
	assert.Empty(t, measured(t, "oracle-distance", in), "nothing to compare with")
}
