package attacks

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/outputs"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// byHand is a model with one weight k. It paints what f makes of the pixels it is shown.
type byHand struct {
	p *torch.Params
	f func(s *torch.Scope, in models.Input, k *torch.Tensor) *torch.Tensor
}

func newByHand(t testing.TB, k float32, f func(*torch.Scope, models.Input, *torch.Tensor) *torch.Tensor) *byHand {
	t.Helper()
	var l torch.Layout
	l.Add("k", torch.Init{}, 1)
	p, err := torch.ParamsOf(torch.CPU, l, []float32{k})
	require.NoError(t, err)
	t.Cleanup(p.Free)
	return &byHand{p, f}
}

func (m *byHand) Params() *torch.Params { return m.p }

func (m *byHand) Loss(s *torch.Scope, in models.Input, target, region *torch.Tensor) *torch.Tensor {
	return models.RegionError(s, m.Generate(s, in), target, region)
}

func (m *byHand) Generate(s *torch.Scope, in models.Input) *torch.Tensor {
	return m.f(s, in, m.p.Bind(s)["k"])
}

// scaled paints k·pixels, and the mean of what is visible with it.
func scaled(s *torch.Scope, in models.Input, k *torch.Tensor) *torch.Tensor {
	return s.Mul(s.Narrow(in.X, 1, 0, 3), k)
}

func averaged(s *torch.Scope, in models.Input, k *torch.Tensor) *torch.Tensor {
	px := s.Narrow(in.X, 1, 0, 3)
	return s.Mul(s.Expand(s.MeanDims(px, true, 1, 2, 3), px.Shape()...), k)
}

// attackable makes a target of a model, on n images whose pixels and targets are all the same.
func attackable(t testing.TB, m models.Model, task tasks.Task, n int, pixel, target float32) *Target {
	t.Helper()
	st := &outputs.Stage{Size: size, Index: map[audit.Part][]int{}, Batch: map[audit.Part]corpus.Batch{}}
	for _, p := range []audit.Part{audit.Forget, audit.Test} {
		v, err := tasks.Apply(task, filled(n*3*size*size, pixel), size, make([]uint64, n))
		require.NoError(t, err)
		st.Batch[p] = corpus.Batch{View: v, Target: filled(n*3*size*size, target)}
		for i := range n {
			st.Index[p] = append(st.Index[p], i)
		}
	}
	return &Target{
		Input: &outputs.Input{Stage: st}, Model: m, Corpus: &corpus.Corpus{Task: task, Device: torch.CPU, Seed: 1},
		Copy: func() (models.Model, error) {
			h, ok := m.(*byHand)
			if !ok {
				return m, nil
			}
			p, err := h.p.Clone()
			return &byHand{p, h.f}, err
		},
	}
}

func filled(n int, v float32) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = v
	}
	return out
}

// TestPerturbationByHand: where the least error can be worked out, the attack reaches it, and no further.
func TestPerturbationByHand(t *testing.T) {
	for _, c := range []struct {
		name          string
		task          tasks.Task
		f             func(*torch.Scope, models.Input, *torch.Tensor) *torch.Tensor
		k             float32
		pixel, target float32
		a             Perturbation
		want          float64
	}{
		// 0.2 + 0.1 and no further: (0.9 − 0.3)²
		{"the bound holds", &tasks.Reconstruct{}, scaled, 1, 0.2, 0.9, Perturbation{Epsilon: 0.1, Steps: 4}, 0.36},
		// downwards, through a weight: (−0.5·(0.2 + 0.1) + 0.9)²
		{"the slope's sign counts", &tasks.Reconstruct{}, scaled, -0.5, 0.2, -0.9, Perturbation{Epsilon: 0.1, Steps: 4}, 0.75 * 0.75},
		// 0.95 + 0.05, not + 0.3: (2·1 − 3)²
		{"pixels end at 1", &tasks.Reconstruct{}, scaled, 2, 0.95, 3, Perturbation{Epsilon: 0.3, Steps: 4}, 1},
		// the one step goes too far: 0.5 is nearer to 0.51 than 0.8
		{"the start counts", &tasks.Reconstruct{}, scaled, 1, 0.5, 0.51, Perturbation{Epsilon: 0.3, Steps: 1}, 1e-4},
		// one step of 2.5·ε ends at the bound: (0.9 − 0.3)²
		{"one step", &tasks.Reconstruct{}, scaled, 1, 0.2, 0.9, Perturbation{Epsilon: 0.1, Steps: 1}, 0.36},
		// hidden pixels are at 0 and are painted as they are shown: the hole cannot be helped, 0.9²
		{"hidden pixels stay", &tasks.Inpaint{Hole: 0.5}, scaled, 1, 0.2, 0.9, Perturbation{Epsilon: 0.1, Steps: 4}, 0.81},
		// the mean of all pixels, of which 192 of 256 are visible: (0.9 − 0.75·(0.2 + 0.1))²
		{"visible pixels move", &tasks.Inpaint{Hole: 0.5}, averaged, 1, 0.2, 0.9, Perturbation{Epsilon: 0.1, Steps: 4}, 0.675 * 0.675},
	} {
		t.Run(c.name, func(t *testing.T) {
			tg := attackable(t, newByHand(t, c.k, c.f), c.task, 3, c.pixel, c.target)
			before := torch.Live()
			got, err := c.a.Measure(t.Context(), tg)
			require.NoError(t, err)
			assert.Equal(t, before, torch.Live(), "tensors are left")
			require.Len(t, got, 2)
			for k, p := range []audit.Part{audit.Forget, audit.Test} {
				require.NoError(t, got[k].Check())
				assert.Equal(t, p, got[k].Part)
				assert.Equal(t, criteria.PerturbedError.Name, got[k].Quantity)
				for _, v := range got[k].Values {
					assert.InDelta(t, c.want, v, 1e-6)
				}
			}
		})
	}
}

// TestBox: no pixel goes further than ε, none beyond [−1, 1] unless noise had put it there, no hidden one moves.
func TestBox(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const side = 4
		n := rapid.IntRange(1, 3).Draw(t, "n")
		px := rapid.SliceOfN(rapid.Float32Range(-1.5, 1.5), n*3*side*side, n*3*side*side).Draw(t, "pixels")
		v := tasks.View{N: n, Size: side, Pixels: px, Region: make([]float32, n*side*side)}
		for i := range v.Region {
			v.Region[i] = float32(rapid.IntRange(0, 1).Draw(t, "region"))
		}
		masked := rapid.Bool().Draw(t, "masked")
		channels := 3
		if masked {
			channels = 4
		}
		eps := rapid.Float64Range(0.01, 1).Draw(t, "epsilon")
		slope := rapid.SliceOfN(rapid.Float32Range(-1, 1), n*channels*side*side, n*channels*side*side).Draw(t, "slope")
		lo, hi := (&Perturbation{Epsilon: eps, Steps: 3}).box(v, masked)
		now := append([]float32(nil), px...)
		for range 3 {
			descend(now, slope, lo, hi, v, float32(eps))
		}
		for i, x := range now {
			image, ch, p := i/(3*side*side), i/(side*side)%3, i%(side*side)
			if masked && v.Region[image*side*side+p] != 0 {
				require.Equal(t, px[i], x, "hidden")
				continue
			}
			require.InDelta(t, px[i], x, eps+1e-6)
			require.LessOrEqual(t, max(x, -x), max(1, px[i], -px[i]))
			switch g := slope[(image*channels+ch)*side*side+p]; {
			case g > 0:
				require.LessOrEqual(t, x, px[i])
			case g < 0:
				require.GreaterOrEqual(t, x, px[i])
			default:
				require.Equal(t, px[i], x)
			}
		}
	})
}

// TestPerturbationOfANetwork: errors fall, more freedom reaches further, no image's error hangs on its neighbours in the
// batch, and the model is left as it was.
func TestPerturbationOfANetwork(t *testing.T) {
	m, tg := network(t, 140)
	before, err := m.Params().Digest()
	require.NoError(t, err)
	measure := func(tg *Target, a *Perturbation) []audit.Sample {
		s, err := a.Measure(t.Context(), tg)
		require.NoError(t, err)
		return s
	}
	little, far := measure(tg, &Perturbation{Epsilon: 0.05, Steps: 3}), measure(tg, &Perturbation{Epsilon: 0.5, Steps: 3})
	for k, p := range []audit.Part{audit.Forget, audit.Test} {
		b := tg.Stage.Batch[p]
		start, err := tg.Errors(t.Context(), m, b.View, b.Target)
		require.NoError(t, err)
		require.Len(t, little[k].Values, b.View.N)
		for i, e := range little[k].Values {
			assert.LessOrEqual(t, e, start[i]+1e-6)
		}
		assert.Less(t, corpus.Mean(little[k].Values), corpus.Mean(start))
		assert.Less(t, corpus.Mean(far[k].Values), corpus.Mean(little[k].Values))
	}
	assert.Equal(t, little, measure(tg, &Perturbation{Epsilon: 0.05, Steps: 3}), "not the same bits again")
	alone := *tg.Input.Stage
	alone.Batch, alone.Index = map[audit.Part]corpus.Batch{}, map[audit.Part][]int{}
	for p, b := range tg.Stage.Batch {
		alone.Batch[p], alone.Index[p] = last(b), tg.Stage.Index[p][b.View.N-1:]
	}
	one := *tg
	one.Input = &outputs.Input{Stage: &alone}
	for k, s := range measure(&one, &Perturbation{Epsilon: 0.05, Steps: 3}) {
		assert.InDelta(t, little[k].Values[len(little[k].Values)-1], s.Values[0], 1e-4)
	}
	after, err := m.Params().Digest()
	require.NoError(t, err)
	assert.Equal(t, before, after)
}

// TestInBatches: batches have the same bounds for every model, and values keep their order.
func TestInBatches(t *testing.T) {
	_, tg := network(t, 140)
	b := tg.Stage.Batch[audit.Test]
	var sizes []int
	var pixels, targets []float32
	got, err := inBatches(b, func(part corpus.Batch) ([]float64, error) {
		sizes, pixels, targets = append(sizes, part.View.N), append(pixels, part.View.Pixels...), append(targets, part.Target...)
		return make([]float64, part.View.N), nil
	})
	require.NoError(t, err)
	assert.Equal(t, []int{128, 12}, sizes)
	assert.Len(t, got, 140)
	assert.Equal(t, b.View.Pixels, pixels)
	assert.Equal(t, b.Target, targets)
}

// last is a batch's last image.
func last(b corpus.Batch) corpus.Batch {
	area := size * size
	v := b.View
	return corpus.Batch{Target: b.Target[(v.N-1)*3*area:],
		View: tasks.View{N: 1, Size: size, Pixels: v.Pixels[(v.N-1)*3*area:], Region: v.Region[(v.N-1)*area:]}}
}

// TestGradientAttacksRefuse what cannot be attacked, each in its own way.
func TestGradientAttacksRefuse(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	nan := func(s *torch.Scope, in models.Input, k *torch.Tensor) *torch.Tensor {
		return s.Mul(scaled(s, in, k), s.Sqrt(s.Neg(s.Square(k))))
	}
	stiff := func(s *torch.Scope, in models.Input, k *torch.Tensor) *torch.Tensor {
		return s.Mul(s.Zeros(int64(in.N), 3, size, size), k)
	}
	for name, a := range map[string]Attack{"perturbation": newPerturbation(), "inversion": newInversion()} {
		t.Run(name, func(t *testing.T) {
			_, tg := network(t, 2)
			_, err := a.Measure(cancelled, tg)
			require.ErrorIs(t, err, context.Canceled)
			tg.Copy = nil
			_, err = a.Measure(t.Context(), tg)
			require.ErrorIs(t, err, ErrBlackBox)
			_, tg = network(t, 2)
			delete(tg.Stage.Batch, audit.Forget)
			_, err = a.Measure(t.Context(), tg)
			require.ErrorContains(t, err, "no images in part forget")
		})
	}
	for _, c := range []struct {
		a    Attack
		f    func(*torch.Scope, models.Input, *torch.Tensor) *torch.Tensor
		says string
	}{
		{newPerturbation(), nan, "the model's error is NaN on image 0"},
		{newPerturbation(), stiff, "does not depend"},
		{newInversion(), scaled, ErrUnfit.Error()},
	} {
		_, err := c.a.Measure(t.Context(), attackable(t, newByHand(t, 1, c.f), &tasks.Reconstruct{}, 2, 0.1, 0.2))
		require.ErrorContains(t, err, c.says)
	}
}

func TestGradientAttacksValidate(t *testing.T) {
	for _, c := range []struct {
		a    audit.Validator
		says string
	}{
		{&Perturbation{Epsilon: 2, Steps: 1}, ""},
		{&Perturbation{Epsilon: 0, Steps: 1}, "epsilon 0 and steps 1"},
		{&Perturbation{Epsilon: 2.1, Steps: 1}, "want a bound above 0, at most 2"},
		{&Perturbation{Epsilon: 0.1}, "steps 0"},
		{&Inversion{Steps: 1, LR: 0.1, Start: "mean"}, ""},
		{&Inversion{Steps: 0, LR: 0.1, Start: "own"}, "steps 0 and lr 0.1"},
		{&Inversion{Steps: 1, LR: 0, Start: "own"}, "want at least 1 step, and a rate above 0"},
		{&Inversion{Steps: 1, LR: 11, Start: "own"}, "at most 10"},
		{&Inversion{Steps: 1, LR: 1, Start: "zero"}, `start "zero": want own or mean`},
	} {
		if err := c.a.Validate(); c.says == "" {
			assert.NoError(t, err)
		} else {
			assert.ErrorContains(t, err, c.says)
		}
	}
}
