package attacks

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/outputs"
)

func TestMahalanobisByHand(t *testing.T) {
	// mean (1, 1), covariance diag(4/3, 4/3) with divisor 3: the ridge 0.5 adds 0.5·4/3.
	m, err := newMahalanobis([][]float64{{0, 0}, {2, 0}, {0, 2}, {2, 2}}, 0.5)
	require.NoError(t, err)
	assert.InDelta(t, 0, m.distance([]float64{1, 1}), 1e-12)
	assert.InDelta(t, (9.0+16)/2, m.distance([]float64{4, 5}), 1e-12)
	_, err = newMahalanobis([][]float64{{1, 1}, {1, 1}}, 0.5)
	assert.ErrorContains(t, err, "do not vary")
}

func TestKth(t *testing.T) {
	known := [][]float64{{0, 3}, {4, 0}, {0, 0}}
	assert.InDelta(t, 0, kth([]float64{0, 0}, known, 1), 1e-12)
	assert.InDelta(t, 3, kth([]float64{0, 0}, known, 2), 1e-12)
	assert.InDelta(t, 4, kth([]float64{0, 0}, known, 3), 1e-12)
	assert.InDeltaSlice(t, []float64{0.6, 0.8}, unit([]float64{3, 4}), 1e-12)
	assert.Equal(t, []float64{0, 0}, unit([]float64{0, 0}))
}

// Forget images whose paintings lie elsewhere are out of distribution by every detector; those that are painted like the
// others are not.
func TestOODDetection(t *testing.T) {
	for _, far := range []bool{true, false} {
		in := input(t, 0.1)
		if far {
			in.Subject[audit.Forget] = input(t, 0.9).Subject[audit.Forget]
		}
		r := rand.New(rand.NewPCG(3, 3))
		for _, p := range outputs.Parts {
			v := features.Vectors{N: counts[p], Dim: 2}
			for range v.N {
				shift := 0.0
				if far && p == audit.Forget {
					shift = 8
				}
				v.Features = append(v.Features, float32(5+r.NormFloat64()/2-shift), float32(5+r.NormFloat64()/2))
			}
			in.Subject[p].Vectors = v
		}
		a := &OODDetection{K: 1, Ridge: 0.1}
		require.NoError(t, a.Validate())
		got, err := a.Measure(t.Context(), &Target{Input: in})
		require.NoError(t, err)
		require.Len(t, got, 9)
		for _, s := range got {
			require.NoError(t, s.Check())
			assert.Len(t, s.Values, map[audit.Part]int{audit.Forget: 7, audit.Retain: 2, audit.Test: 9}[s.Part])
		}
		assert.Equal(t, []int{3, 9}, got[3].Index, "retained images of odd number")
		st, err := a.Statistics(&audit.Subject{Samples: got}, Models{})
		require.NoError(t, err)
		require.Len(t, st, 6)
		for _, s := range st {
			if far {
				assert.Equal(t, 1.0, s.Value, s.Name)
			}
		}
		if !far {
			assert.Less(t, find(t, st, "OOD AUROC@mahalanobis, forget/test").Value, 0.95)
		}
	}
}

func TestOODDetectionRefuses(t *testing.T) {
	in := input(t, 0.1)
	for _, p := range outputs.Parts {
		in.Subject[p].Vectors = features.Vectors{N: counts[p], Dim: 1, Features: make([]float32, counts[p])}
	}
	_, err := (&OODDetection{K: 5, Ridge: 0.1}).Measure(t.Context(), &Target{Input: in})
	assert.ErrorContains(t, err, "2 retained images are known, want more than k = 5")
	assert.Error(t, (&OODDetection{Ridge: 1}).Validate())
	assert.Error(t, (&OODDetection{K: 1}).Validate())
	st, err := (&OODDetection{K: 1, Ridge: 1}).Statistics(&audit.Subject{}, Models{})
	require.NoError(t, err)
	assert.Empty(t, st)
}
