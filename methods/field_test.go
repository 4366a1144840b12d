package methods

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
)

// kind makes a method as the list does.
func kind(t testing.TB, name string) Method {
	t.Helper()
	m, err := All.New(name)
	require.NoError(t, err)
	return m
}

// What these methods ask for, they get: the forget images' error rises well above the original's, and retained images
// stay known better than a model without training knows them.
func TestFieldMethodsForget(t *testing.T) {
	c, s := pool(t), split()
	p := problem(t, c, 1)
	clean := c.CleanForget()
	before, kept := errorOn(t, c, p.Original, clean), errorOn(t, c, p.Original, s.Retain)
	for _, name := range []string{"max-loss", "neggrad+", "joint", "scrub", "salun", "ssd", "erase-diff", "selective-amnesia",
		"retain-label-as-described", "random-encoder-as-described", "rewind", "shrink-perturb", "l1-sparse"} {
		r := unlearn(t, kind(t, name), p)
		after, retained := errorOn(t, c, r.model, clean), errorOn(t, c, r.model, s.Retain)
		t.Logf("%-28s forget %.4f → %.4f, retain %.4f → %.4f", name, before, after, kept, retained)
		assert.Greater(t, after, 1.5*before, name)
		assert.Less(t, retained, after, name)
	}
}

// As released, the two baselines spoil retained images.
func TestAsReleasedSpoilsWhatIsRetained(t *testing.T) {
	c := pool(t)
	p := problem(t, c, 1)
	before := errorOn(t, c, p.Original, c.Split.Retain)
	for _, name := range []string{"retain-label-", "random-encoder-"} {
		described, released := unlearn(t, kind(t, name+"as-described"), p), unlearn(t, kind(t, name+"as-released"), p)
		d, r := errorOn(t, c, described.model, c.Split.Retain), errorOn(t, c, released.model, c.Split.Retain)
		t.Logf("%s retained error of the original %.4f, as described %.4f, as released %.4f", name, before, d, r)
		assert.Greater(t, r, 1.5*d, name)
		assert.NotEmpty(t, released.notes)
	}
}

// The student moves, and its teacher does not: an optimiser that was given the teacher's weights would leave the
// student at the original.
func TestScrubMovesTheStudent(t *testing.T) {
	p := problem(t, pool(t), 1)
	w, err := trained()
	require.NoError(t, err)
	r := unlearn(t, newScrub(), p)
	var most float64
	for i := range w {
		most = max(most, math.Abs(float64(w[i]-r.weights[i])))
	}
	assert.Greater(t, most, 1e-3)
	teacher, err := p.Original.Params().Values()
	require.NoError(t, err)
	assert.Equal(t, w, teacher)
	assert.Len(t, curve(t, r.session, "loss: away (negated)"), 25)
	assert.Len(t, curve(t, r.session, "loss: back"), 50)
}

// Weights outside of the mask stay to the bit, those inside move.
func TestSalUnKeepsToItsMask(t *testing.T) {
	p := problem(t, pool(t), 1)
	p.Train.Epochs = 60
	w, err := trained()
	require.NoError(t, err)
	for _, share := range []float64{0.1, 0.5} {
		r := unlearn(t, &SalUn{Effort: 0.1, LR: 1e-3, Share: share}, p)
		moved := 0
		for i := range w {
			if w[i] != r.weights[i] {
				moved++
			}
		}
		assert.InDelta(t, share, float64(moved)/float64(len(w)), 0.03)
	}
}

func TestDampeningByHand(t *testing.T) {
	m := &Dampening{Alpha: 2, Lambda: 1.5}
	factors, n := m.factors([]float64{1, 4, 3.1, 0, 10}, []float64{1, 1, 1.5, 0, 0})
	assert.Equal(t, []float64{1, 0.375, 1.5 * 1.5 / 3.1, 1, 0}, factors)
	assert.Equal(t, 3, n)
}

// The diagonal of the Fisher information is the mean of squared gradients of single images: it is that of the images
// one by one, whatever their number.
func TestFisherIsOfSingleImages(t *testing.T) {
	p := problem(t, pool(t), 1)
	s := session(t, model(t, corpus.Inside(p.Bench), nil, 1))
	images := p.Bench.Retain()[:3]
	all, err := fisher(ctx, p, s, images)
	require.NoError(t, err)
	sum := make([]float64, len(all))
	for _, i := range images {
		one, err := fisher(ctx, p, s, []int{i})
		require.NoError(t, err)
		for k, v := range one {
			sum[k] += v / 3
		}
	}
	assert.InDeltaSlice(t, sum, all, 1e-12)
	assert.Equal(t, 6, s.Cost().Images, "looking costs")
}

func TestEraseDiffCorrection(t *testing.T) {
	m := &EraseDiff{Eta: 0.5}
	assert.InDelta(t, 0.5, m.lambda(2, 0), 1e-12, "at right angles the correction is η")
	assert.InDelta(t, 1.5, m.lambda(2, -2), 1e-12, "against each other, more")
	assert.Zero(t, m.lambda(2, 2), "along each other, none is needed")
	assert.Zero(t, m.lambda(0, 0))
}

// The corrected direction lowers the forget loss by η·‖f‖² at least: ⟨f, g + λf⟩ ≥ η‖f‖².
func TestEraseDiffDescends(t *testing.T) {
	m := &EraseDiff{Eta: 0.3}
	for _, x := range [][2]float64{{1, 5}, {1, -5}, {4, 0.2}, {0.1, 0.02}} {
		assert.GreaterOrEqual(t, x[1]+m.lambda(x[0], x[1])*x[0], m.Eta*x[0]-1e-12)
	}
}

func TestL1MakesWeightsSmall(t *testing.T) {
	p := problem(t, pool(t), 1)
	norm := func(gamma float64) (sum float64) {
		for _, v := range unlearn(t, &L1Sparse{Effort: 0.1, LR: 1e-3, Gamma: gamma}, p).weights {
			sum += math.Abs(float64(v))
		}
		return sum
	}
	assert.Less(t, norm(1e-3), 0.8*norm(1e-9))
}

// An image above the bound no longer pulls: with a bound below every loss the forget images' content does not count.
func TestJointStopsAtTheBound(t *testing.T) {
	s := split()
	run := func(bound float64, negative ...int) string {
		p := problem(t, pool(t, negative...), 1)
		return string(unlearn(t, &Joint{Effort: 0.02, LR: 1e-3, Alpha: 0.5, Bound: bound, Clip: 1}, p).digest)
	}
	assert.Equal(t, run(1e-9), run(1e-9, s.Forget...))
	assert.NotEqual(t, run(1), run(1, s.Forget...))
	r := unlearn(t, &Joint{Effort: 0.02, LR: 1e-3, Alpha: 0.5, Clip: 1}, problem(t, pool(t), 1))
	assert.Contains(t, r.notes[0], "ends at a loss of")
}

// Nothing of the original is left with shrink 0, all of it with shrink 1 and no perturbation.
func TestShrinkPerturbMixes(t *testing.T) {
	w, err := trained()
	require.NoError(t, err)
	run := func(shrink, perturb float64) []float32 {
		return unlearn(t, &ShrinkPerturb{Shrink: shrink, Perturb: perturb, Effort: 0.004, LR: 1e-9}, problem(t, pool(t), 1)).weights
	}
	for i, v := range run(1, 0) {
		assert.InDelta(t, w[i], v, 1e-6)
	}
	fresh, err := model(t, pool(t), nil, 1).Params().Values()
	require.NoError(t, err)
	for i, v := range run(0, 1) {
		assert.InDelta(t, fresh[i], v, 1e-6)
	}
}

// With an encoder to train, the rest of the network stays to the bit.
func TestRandomEncoderLeavesTheDecoder(t *testing.T) {
	p := problem(t, pool(t), 1)
	w, err := trained()
	require.NoError(t, err)
	r := unlearn(t, &RandomEncoder{Effort: 0.02, LR: 1e-3}, p)
	a, ok := p.Original.(models.Autoencoder)
	require.True(t, ok)
	assert.Equal(t, w[a.EncoderSize():], r.weights[a.EncoderSize():])
	assert.NotEqual(t, w[:a.EncoderSize()], r.weights[:a.EncoderSize()])
}
