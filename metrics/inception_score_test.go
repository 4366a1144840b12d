package metrics

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/internal/golden"
)

func isLogits() *mat.Dense { return golden.Waves(20, 5, 3, .71, .13, 0) }

func TestInceptionScoreRows(t *testing.T) {
	for _, c := range []struct {
		name      string
		splits    int
		ddof      int
		mean, std float64
	}{ // torch-fidelity's isc_features_to_metric on these logits; ddof 1 by numpy
		{"one split", 1, 0, 1.7729092303988077, 0},
		{"four splits", 4, 0, 1.702685582703714, .127212433686643},
		{"four splits, sample deviation", 4, 1, 1.702685582703714, .14689226566650151},
		{"three splits of 6, 7 and 7", 3, 0, 1.7510416263729847, .12134016898742102},
	} {
		r, err := InceptionScore(isLogits(), ISOptions{Splits: c.splits, Variant: ISFidelity})
		require.NoError(t, err, c.name)
		assert.Len(t, r, c.splits, c.name)
		assert.InDelta(t, c.mean, r.Mean(), 1e-12, c.name)
		std, err := r.Std(c.ddof)
		require.NoError(t, err, c.name)
		assert.InDelta(t, c.std, std, 1e-12, c.name)
	}
}

// The widespread N//splits rule leaves images 18 and 19 out. Its value is known; ours must not be it, and the last
// image must count.
func TestInceptionScoreDropsNoTail(t *testing.T) {
	const dropped = 1.7227747457479266
	kept := mat.DenseCopyOf(isLogits().Slice(0, 18, 0, 5))
	tail, err := InceptionScore(kept, ISOptions{Splits: 3, Variant: ISFidelity})
	require.NoError(t, err)
	require.InDelta(t, dropped, tail.Mean(), 1e-12, "without the tail the rules agree")
	for _, v := range []ISVariant{ISFidelity, ISTorchmetrics} {
		r, err := InceptionScore(isLogits(), ISOptions{Splits: 3, Variant: v})
		require.NoError(t, err)
		assert.Greater(t, math.Abs(r.Mean()-dropped), 1e-3, v)
		changed := isLogits()
		changed.Set(19, 2, 40)
		s, err := InceptionScore(changed, ISOptions{Splits: 3, Variant: v})
		require.NoError(t, err)
		assert.NotEqual(t, r[2], s[2], v)
		assert.Equal(t, r[:2], s[:2], v)
	}
}

func TestInceptionScoreGolden(t *testing.T) {
	for _, c := range golden.Cases(t, "inception_score") {
		logits := c.Matrix(t, "logits")
		perm, _ := c.Array(t, "perm")
		order := make([]int, len(perm))
		for i, p := range perm {
			order[i] = int(p)
		}
		for _, run := range []struct {
			name string
			o    ISOptions
		}{
			{"splits1", ISOptions{1, ISFidelity, nil}},
			{"splits10", ISOptions{10, ISFidelity, nil}},
			{"splits10_shuffled", ISOptions{10, ISFidelity, order}},
		} {
			r, err := InceptionScore(logits, run.o)
			require.NoError(t, err)
			c.Check(t, run.name+"_mean", r.Mean())
			std, err := r.Std(0)
			require.NoError(t, err)
			c.Check(t, run.name+"_std_pop", std)
		}
		for name, splits := range map[string]int{"splits1_torchmetrics_mean_std": 1, "splits10_torchmetrics_mean_std": 10} {
			r, err := InceptionScore(logits, ISOptions{splits, ISTorchmetrics, nil})
			require.NoError(t, err)
			e := c.Expected[name]
			want, ok := e.Value.([]any)
			require.True(t, ok, name)
			require.InEpsilon(t, want[0], r.Mean(), e.RelTol, "%s %s", c.ID, name)
			std, err := r.Std(1)
			if want[1] == "nan" {
				require.Error(t, err, "one split has no deviation")
				continue
			}
			require.NoError(t, err)
			require.InEpsilon(t, want[1], std, e.RelTol, "%s %s", c.ID, name)
		}
	}
}

func TestInceptionScoreBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, k := rapid.IntRange(1, 30).Draw(t, "n"), rapid.IntRange(1, 8).Draw(t, "k")
		splits := rapid.IntRange(1, n).Draw(t, "splits")
		logits := golden.Normals(rapid.Uint64().Draw(t, "seed"), n, k)
		logits.Scale(rapid.Float64Range(0, 500).Draw(t, "sharpness"), logits)
		for _, v := range []ISVariant{ISFidelity, ISTorchmetrics} {
			r, err := InceptionScore(logits, ISOptions{Splits: splits, Variant: v})
			require.NoError(t, err)
			for _, s := range r {
				require.GreaterOrEqual(t, s, 1.0)
				require.LessOrEqual(t, s, float64(k)*(1+1e-12))
			}
		}
		one := ISOptions{Splits: 1, Variant: ISFidelity}
		a, err := InceptionScore(logits, one)
		require.NoError(t, err)
		one.Order = Permutation(n, 9)
		b, err := InceptionScore(logits, one)
		require.NoError(t, err)
		require.InDelta(t, a[0], b[0], 1e-9, "one split does not depend on the order")

		c := make([]float64, k)
		for j := range c {
			c[j] = 7
		}
		moved, err := InceptionScore(golden.Shifted(logits, c), ISOptions{Splits: 1, Variant: ISFidelity})
		require.NoError(t, err)
		require.InDelta(t, a[0], moved[0], 1e-9, "a constant on all logits changes nothing")
	})
}

func TestInceptionScoreExtremes(t *testing.T) {
	const k = 5
	oneHot := mat.NewDense(4*k, k, nil)
	for i := range 4 * k {
		oneHot.Set(i, i%k, 1)
	}
	r, err := InceptionScoreProbs(oneHot, ISOptions{Splits: 4, Variant: ISFidelity})
	require.NoError(t, err)
	assert.InDeltaSlice(t, []float64{k, k, k, k}, []float64(r), 1e-12, "decided and balanced: the number of classes")

	oneHot.Scale(5000, oneHot)
	r, err = InceptionScore(oneHot, ISOptions{Splits: 1, Variant: ISFidelity})
	require.NoError(t, err)
	assert.InDelta(t, k, r[0], 1e-12, "probabilities that underflow")

	r, err = InceptionScore(mat.NewDense(9, k, nil), ISOptions{Splits: 2, Variant: ISTorchmetrics})
	require.NoError(t, err)
	assert.InDeltaSlice(t, []float64{1, 1}, []float64(r), 1e-12, "undecided: 1")
}

func TestInceptionScoreProbsEqualLogits(t *testing.T) {
	logits := isLogits()
	p := mat.NewDense(20, 5, nil)
	for i := range 20 {
		softmax(p.RawRowView(i), logits.RawRowView(i))
	}
	o := ISOptions{Splits: 3, Variant: ISFidelity}
	a, err := InceptionScore(logits, o)
	require.NoError(t, err)
	b, err := InceptionScoreProbs(p, o)
	require.NoError(t, err)
	assert.InDeltaSlice(t, []float64(a), []float64(b), 1e-12)
}

// torch.chunk can give fewer splits than asked for: 5 images in 4 chunks are 2, 2 and 1.
func TestInceptionScoreChunks(t *testing.T) {
	r, err := InceptionScore(golden.Waves(5, 3, 1, .4, .2, 0), ISOptions{Splits: 4, Variant: ISTorchmetrics})
	require.NoError(t, err)
	assert.Len(t, r, 3)
	assert.Equal(t, 1.0, r[2], "a single image is all alike")
}

func TestInceptionScoreErrors(t *testing.T) {
	bad := isLogits()
	bad.Set(3, 1, math.Inf(1))
	ok := ISOptions{Splits: 2, Variant: ISFidelity}
	for _, c := range []struct {
		name string
		x    *mat.Dense
		o    ISOptions
		says string
	}{
		{"empty", nil, ok, "logits is empty"},
		{"inf", bad, ok, "row 3 has the value +Inf"},
		{"more splits than images", isLogits(), ISOptions{21, ISFidelity, nil}, "from 1 to 20"},
		{"no splits", isLogits(), ISOptions{0, ISFidelity, nil}, "from 1 to 20"},
		{"no variant", isLogits(), ISOptions{1, "", nil}, "no variant"},
		{"unknown variant", isLogits(), ISOptions{1, "tf", nil}, `"tf"`},
		{"short order", isLogits(), ISOptions{1, ISFidelity, []int{0}}, "order of 1 places"},
		{"image twice", golden.WaveA(2, 2), ISOptions{1, ISFidelity, []int{1, 1}}, "image 1 at place 1"},
		{"image out of range", golden.WaveA(2, 2), ISOptions{1, ISFidelity, []int{2, 0}}, "image 2 at place 0"},
	} {
		_, err := InceptionScore(c.x, c.o)
		assert.ErrorContains(t, err, c.says, c.name)
	}
	_, err := InceptionScoreProbs(isLogits(), ok)
	assert.ErrorContains(t, err, "are these logits?")
	_, err = InceptionScoreProbs(mat.NewDense(2, 2, []float64{.5, .5, .5, .6}), ok)
	assert.ErrorContains(t, err, "row 1 sum to 1.1")
	_, err = InceptionScoreProbs(nil, ok)
	assert.ErrorContains(t, err, "empty")
}
