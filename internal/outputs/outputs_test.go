package outputs

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

var ctx = context.Background()

// firsts embeds an image as its first three values.
type firsts struct{ err error }

func (e firsts) Extract(_ context.Context, images []float32, n, size int) (features.Vectors, error) {
	v := features.Vectors{N: n, Dim: 3}
	for i := range n {
		v.Features = append(v.Features, images[i*3*size*size:i*3*size*size+3]...)
	}
	return v, e.err
}
func (firsts) Identity() features.Identity { return features.Identity{Name: "firsts"} }
func (firsts) Free()                       {}

// fill paints every pixel with one value.
type fill struct {
	models.Model
	value float32
}

func (f fill) Generate(s *torch.Scope, in models.Input) *torch.Tensor {
	v := make([]float32, in.N*3*in.Size*in.Size)
	for i := range v {
		v[i] = f.value
	}
	return s.FromFloats(v, int64(in.N), 3, int64(in.Size), int64(in.Size))
}

func open(t testing.TB, nTrain, nTest int, split datasets.Split) *corpus.Corpus {
	t.Helper()
	train, err := datasets.Shapes(nTrain, 32, 1, datasets.TrainStream)
	require.NoError(t, err)
	test, err := datasets.Shapes(nTest, 32, 1, datasets.TestStream)
	require.NoError(t, err)
	c, err := corpus.New(train, test, split, &tasks.Inpaint{Hole: 0.5}, torch.CPU, 3)
	require.NoError(t, err)
	return c
}

func count(from, to int) []int {
	var out []int
	for i := from; i < to; i++ {
		out = append(out, i)
	}
	return out
}

func small() datasets.Split {
	return datasets.Split{Retain: count(0, 8), Forget: count(8, 12), Poisoned: []int{9, 11}, Test: count(0, 5)}
}

func TestStage(t *testing.T) {
	c := open(t, 12, 5, small())
	st, err := NewStage(ctx, c)
	require.NoError(t, err)
	assert.Equal(t, 32, st.Size)
	assert.Equal(t, map[audit.Part][]int{
		audit.Forget: {8, 10}, audit.Poisoned: {9, 11}, audit.Retain: count(0, 8), audit.Test: count(0, 5), audit.Triggered: count(0, 5),
	}, st.Index)
	for p, idx := range st.Index {
		assert.Equal(t, len(idx), st.Batch[p].View.N, p)
	}
	// Triggered images are the test images with the trigger: the same truth and holes, other pixels.
	assert.Equal(t, st.Batch[audit.Test].Target, st.Batch[audit.Triggered].Target)
	assert.Equal(t, st.Batch[audit.Test].View.Region, st.Batch[audit.Triggered].View.Region)
	assert.NotEqual(t, st.Batch[audit.Test].View.Pixels, st.Batch[audit.Triggered].View.Pixels)
	again, err := NewStage(ctx, c)
	require.NoError(t, err)
	assert.Equal(t, st, again, "the stage is fixed")
}

func TestStageWithoutPoison(t *testing.T) {
	s := small()
	s.Poisoned = nil
	st, err := NewStage(ctx, open(t, 12, 5, s))
	require.NoError(t, err)
	assert.NotContains(t, st.Batch, audit.Poisoned)
	assert.NotContains(t, st.Batch, audit.Triggered)
	assert.NotContains(t, st.Index, audit.Triggered)
	s.Poisoned = s.Forget
	st, err = NewStage(ctx, open(t, 12, 5, s))
	require.NoError(t, err)
	assert.NotContains(t, st.Batch, audit.Forget, "no clean image is to be forgotten")
}

func TestStageIsBounded(t *testing.T) {
	st, err := NewStage(ctx, open(t, 600, 600, datasets.Split{Retain: count(0, 590), Forget: count(590, 600),
		Poisoned: []int{590}, Test: count(0, 600)}))
	require.NoError(t, err)
	assert.Len(t, st.Index[audit.Retain], maxRetain)
	assert.Len(t, st.Index[audit.Test], maxTest)
	assert.Len(t, st.Index[audit.Triggered], maxTriggered)
	assert.Subset(t, st.Index[audit.Test], st.Index[audit.Triggered], "the triggered images must be among the test images")
	assert.Greater(t, st.Index[audit.Retain][maxRetain-1], 580, "of a set in the order of its classes, some of the last")
	assert.Less(t, st.Index[audit.Retain][0], 10)
}

// TestCollect: paintings inside the region, the truth outside, and features of
// what is left.
func TestCollect(t *testing.T) {
	c := open(t, 12, 5, small())
	st, err := NewStage(ctx, c)
	require.NoError(t, err)
	out, err := Collect(ctx, c, st, fill{value: 0.25}, firsts{}, false)
	require.NoError(t, err)
	require.Len(t, out, len(Parts))
	for p, set := range out {
		b := st.Batch[p]
		for i, v := range set.Images {
			want := b.Target[i]
			if b.View.Region[i/3072*1024+i%1024] == 1 {
				want = 0.25
			}
			require.Equal(t, want, v, "%s, value %d", p, i)
		}
		assert.Equal(t, b.View.N, set.Vectors.N)
		assert.Equal(t, set.Images[:3], set.Vectors.Features[:3])
	}
	truth, err := Truths(ctx, st, firsts{})
	require.NoError(t, err)
	assert.Len(t, truth, len(Parts))
	assert.Equal(t, st.Batch[audit.Retain].Target[:3], truth[audit.Retain].Features[:3])
}

func TestCollectRefuses(t *testing.T) {
	c := open(t, 12, 5, small())
	st, err := NewStage(ctx, c)
	require.NoError(t, err)
	_, err = Collect(ctx, c, st, fill{value: float32(math.NaN())}, firsts{}, false)
	require.ErrorContains(t, err, "the model paints NaN on part forget (value 0)")
	broken := errors.New("no features")
	_, err = Collect(ctx, c, st, fill{}, firsts{broken}, false)
	require.ErrorIs(t, err, broken)
	_, err = Truths(ctx, st, firsts{broken})
	require.ErrorIs(t, err, broken)
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	_, err = NewStage(stopped, c)
	require.ErrorIs(t, err, context.Canceled)
	_, err = Collect(stopped, c, st, fill{}, firsts{}, false)
	require.ErrorIs(t, err, context.Canceled)
}
