package attacks

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
	"github.com/lethe-audit/lethe/internal/families"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/outputs"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

func normals(r *rand.Rand, n, d int, shift float64) *mat.Dense {
	m := mat.NewDense(n, d, nil)
	for i := range n {
		for j := range d {
			m.Set(i, j, r.NormFloat64())
		}
		m.Set(i, 0, m.At(i, 0)+shift)
	}
	return m
}

// With one feature the solution is b/(1+penalty): the half difference of the class means in units of the standard
// deviation, shrunk.
func TestRidgeByHand(t *testing.T) {
	forget, test := mat.NewDense(2, 1, []float64{3, 5}), mat.NewDense(4, 1, []float64{-3, -5, -4, -4})
	w, err := fitRidge(forget, test, func(int) bool { return true }, 0.25)
	require.NoError(t, err)
	variance := 0.5*(9+25)/2 + 0.5*(9+25+16+16)/4 // about the mean 0, each class weighing one half
	assert.InDelta(t, 0, w.mean[0], 1e-12)
	root := 1 / w.scale[0]
	assert.InDelta(t, variance, root*root, 1e-9)
	want := 0.5 * 4 / root / 1.25 // Σ c·y·z = ½·½·4/s + ½·½·4/s
	assert.InDelta(t, want, w.weights[0], 1e-12)
	assert.InDelta(t, 0.5, w.predict([]float64{0}), 1e-12)
}

// A difference is found on images that were left out, noise is not, and a feature that is constant does no harm.
func TestProbePredicts(t *testing.T) {
	a := &Probe{Ridge: 0.3, Folds: 5}
	auc := func(shift float64) float64 {
		r := rand.New(rand.NewPCG(4, 0))
		forget, test := normals(r, 80, 20, shift), normals(r, 200, 20, 0)
		forget.SetCol(3, make([]float64, 80))
		test.SetCol(3, make([]float64, 200))
		known, unseen, err := a.predict(forget, test)
		require.NoError(t, err)
		v, err := stats.AUC(unseen, known)
		require.NoError(t, err)
		return v
	}
	assert.Greater(t, auc(3), 0.95)
	assert.InDelta(t, 0.5, auc(0), 0.1, "in the folds it was fitted on it would find noise")
}

func TestProbeOfAModel(t *testing.T) {
	c, st := world(t, &tasks.Inpaint{Hole: 0.5})
	family, err := families.All.New("autoencoder")
	require.NoError(t, err)
	m, err := family.New(torch.CPU, c.Shape(), 1)
	require.NoError(t, err)
	defer m.Params().Free()
	a := &Probe{Ridge: 0.3, Folds: 3}
	target := &Target{Input: &outputs.Input{Stage: st}, Model: m, Corpus: c,
		Copy: func() (models.Model, error) { return nil, errors.New("not needed") }}
	got, err := a.Measure(t.Context(), target)
	require.NoError(t, err)
	require.Len(t, got, 8)
	s := &audit.Subject{Samples: got}
	for _, x := range got {
		require.NoError(t, x.Check())
	}
	statistics, err := a.Statistics(s, Models{})
	require.NoError(t, err)
	require.Len(t, statistics, 4)
	assert.Equal(t, "probe AUC@encoder.embed", statistics[0].Name)

	a.Folds = 7
	_, err = a.Measure(t.Context(), target)
	assert.ErrorContains(t, err, "7 folds of 6 images")
	target.Copy = nil
	_, err = a.Measure(t.Context(), target)
	assert.ErrorIs(t, err, ErrBlackBox)
	target.Copy, target.Model = func() (models.Model, error) { return m, nil }, recaller{}
	_, err = a.Measure(t.Context(), target)
	assert.ErrorIs(t, err, ErrUnfit)
	assert.Error(t, (&Probe{Folds: 5}).Validate())
	assert.Error(t, (&Probe{Ridge: 1, Folds: 1}).Validate())
	assert.NoError(t, (&Probe{Ridge: 1, Folds: 2}).Validate())
}
