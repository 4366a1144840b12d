package attacks

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/outputs"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// recaller paints the truth of pictures that it knows, as far as it recognises them, and grey elsewhere.
type recaller struct {
	models.Model
	known     corpus.Batch
	tolerance float64 // mean squared difference of the input
}

func (m recaller) Generate(s *torch.Scope, in models.Input) *torch.Tensor {
	px := 3 * in.Size * in.Size
	x, channels := s.Floats(in.X), int(in.X.Shape()[1])
	out := make([]float32, in.N*px)
	for i := range in.N {
		for k := range m.known.View.N {
			d := 0.0
			for p := range px {
				v := float64(x[i*channels*in.Size*in.Size+p] - m.known.View.Pixels[k*px+p])
				d += v * v / float64(px)
			}
			if d <= m.tolerance {
				copy(out[i*px:(i+1)*px], m.known.Target[k*px:(k+1)*px])
			}
		}
	}
	return s.FromFloats(out, int64(in.N), 3, int64(in.Size), int64(in.Size))
}

// world is a few shapes, a task, and the stage of an audit.
func world(t testing.TB, task tasks.Task) (*corpus.Corpus, *outputs.Stage) {
	t.Helper()
	train, err := datasets.Shapes(24, 32, 1, datasets.TrainStream)
	require.NoError(t, err)
	test, err := datasets.Shapes(10, 32, 1, datasets.TestStream)
	require.NoError(t, err)
	split := datasets.Split{Test: []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, Forget: []int{0, 1, 2, 3, 4, 5}}
	for i := 6; i < 24; i++ {
		split.Retain = append(split.Retain, i)
	}
	c, err := corpus.New(train, test, split, task, torch.CPU, 3)
	require.NoError(t, err)
	st, err := outputs.NewStage(t.Context(), c)
	require.NoError(t, err)
	return c, st
}

func TestNeighbours(t *testing.T) {
	c, st := world(t, &tasks.Inpaint{Hole: 0.5})
	a := &Neighbours{Sigmas: []float64{0.05, 0.5}, Copies: 2}
	require.NoError(t, a.Validate())
	measure := func(tolerance float64) map[string][]float64 {
		m := recaller{known: st.Batch[audit.Forget], tolerance: tolerance}
		target := &Target{Input: &outputs.Input{Stage: st, Seed: 7}, Model: m, Corpus: c}
		got, err := a.Measure(t.Context(), target)
		require.NoError(t, err)
		require.Len(t, got, 4)
		again, err := a.Measure(t.Context(), target)
		require.NoError(t, err)
		assert.Equal(t, got, again, "the same bits")
		out := map[string][]float64{}
		for _, s := range got {
			require.NoError(t, s.Check())
			assert.Equal(t, st.Index[s.Part], s.Index)
			out[s.Name()+" "+string(s.Part)] = s.Values
		}
		return out
	}
	near, far := "neighbour-error@0.05 forget", "neighbour-error@0.5 forget"
	point := measure(0)
	plain, err := (&Target{Corpus: c}).Errors(t.Context(), recaller{tolerance: -1}, st.Batch[audit.Forget].View, st.Batch[audit.Forget].Target)
	require.NoError(t, err)
	assert.InDeltaSlice(t, plain, point[near], 1e-9, "nothing is recognised beside the point")
	assert.InDeltaSlice(t, plain, point[far], 1e-9)
	around := measure(0.01)
	for i := range plain {
		assert.Less(t, around[near][i], 1e-9, "image %d is known in its neighbourhood", i)
	}
	assert.InDeltaSlice(t, plain, around[far], 1e-9, "which ends somewhere")
	assert.Equal(t, point["neighbour-error@0.05 test"], around["neighbour-error@0.05 test"], "test images are not known")
}

// Noise is on what is visible, stays in range, and is another one on every image.
func TestNoisy(t *testing.T) {
	for _, task := range []tasks.Task{&tasks.Inpaint{Hole: 0.5}, &tasks.Outpaint{Keep: 0.5}, &tasks.Reconstruct{}} {
		_, st := world(t, task)
		b := st.Batch[audit.Test]
		n := noisy(b, task.Masked(), 0.3, 1)
		area, sum, count := 32*32, 0.0, 0
		for i, v := range n.View.Pixels {
			d := float64(v - b.View.Pixels[i])
			if task.Masked() && b.View.Region[i/(3*area)*area+i%area] != 0 {
				require.Zero(t, d, "%T hides pixel %d", task, i)
				continue
			}
			require.LessOrEqual(t, max(v, -v), float32(1))
			sum, count = sum+d*d, count+1
		}
		assert.InDelta(t, 0.09, sum/float64(count), 0.02, "%T: σ², less what was cut off", task)
		same := noisy(corpus.Batch{View: tasks.View{N: 2, Size: 32, Pixels: make([]float32, 2*3*area), Region: make([]float32, 2*area)}},
			false, 0.3, 1).View.Pixels
		assert.NotEqual(t, same[:3*area], same[3*area:], "every image has noise of its own")
		assert.Equal(t, n, noisy(b, task.Masked(), 0.3, 1))
		assert.NotEqual(t, n, noisy(b, task.Masked(), 0.3, 2))
	}
}

func TestNeighboursValidate(t *testing.T) {
	require.NoError(t, newNeighbours().Validate())
	for _, a := range []Neighbours{{}, {Sigmas: []float64{0.1}}, {Copies: 1}, {Sigmas: []float64{0}, Copies: 1},
		{Sigmas: []float64{0.1, 0.1}, Copies: 1}, {Sigmas: []float64{3}, Copies: 1}} {
		assert.Error(t, a.Validate(), "%+v", a)
	}
}

func TestNeighboursNeedImages(t *testing.T) {
	c, st := world(t, &tasks.Inpaint{Hole: 0.5})
	delete(st.Batch, audit.Forget)
	_, err := newNeighbours().Measure(context.Background(), &Target{Input: &outputs.Input{Stage: st}, Model: recaller{}, Corpus: c})
	assert.ErrorContains(t, err, "neighbours: there are no images in part forget")
}
