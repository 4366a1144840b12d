package torch_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
)

func TestLayoutIsContiguous(t *testing.T) {
	var l torch.Layout
	l.AddConv("conv", 3, 8, 3)
	l.AddLinear("out", 8, 2)
	l.AddLayerNorm("norm", 2)
	l.Add("scalar", torch.Ones)
	want := []struct {
		name   string
		shape  []int64
		offset int
	}{
		{"conv.weight", []int64{8, 3, 3, 3}, 0}, {"conv.bias", []int64{8}, 216},
		{"out.weight", []int64{2, 8}, 224}, {"out.bias", []int64{2}, 240},
		{"norm.weight", []int64{2}, 242}, {"norm.bias", []int64{2}, 244}, {"scalar", nil, 246},
	}
	require.Len(t, l, len(want))
	for i, w := range want {
		assert.Equal(t, w.name, l[i].Name)
		assert.Equal(t, w.shape, l[i].Shape, w.name)
		assert.Equal(t, w.offset, l[i].Offset, w.name)
	}
	assert.Equal(t, 247, l.Size())
	assert.Zero(t, torch.Layout(nil).Size())
}

func TestBindGivesEveryWeightItsValues(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var l torch.Layout
		dims := rapid.SliceOfN(rapid.Int64Range(1, 4), 0, 4)
		for i := range rapid.IntRange(1, 5).Draw(r, "weights") {
			l.Add(string(rune('a'+i)), torch.Zeros, dims.Draw(r, "shape")...)
		}
		v := wave(l.Size())
		p, err := torch.ParamsOf(torch.CPU, l, v)
		require.NoError(r, err)
		defer p.Free()
		require.NoError(r, torch.With(torch.CPU, func(s *torch.Scope) error {
			w := p.Bind(s)
			require.Len(r, w, len(l))
			for _, q := range l {
				assert.Equal(r, v[q.Offset:q.Offset+q.Size()], s.Floats(w[q.Name]), q.Name)
				assert.Equal(r, append([]int64{}, q.Shape...), w[q.Name].Shape(), q.Name)
			}
			return nil
		}))
		back, err := p.Values()
		require.NoError(r, err)
		assert.Equal(r, v, back)
	})
}

func TestWrongNamesAreErrors(t *testing.T) {
	n := newNet(t, 1)
	defer n.free()
	for _, f := range []func(s *torch.Scope, w torch.Weights, x *torch.Tensor) *torch.Tensor{
		func(s *torch.Scope, w torch.Weights, x *torch.Tensor) *torch.Tensor { return w.Linear(s, "none", x) },
		func(s *torch.Scope, w torch.Weights, x *torch.Tensor) *torch.Tensor {
			return w.Conv(s, "none", x, 1, 0)
		},
		func(s *torch.Scope, w torch.Weights, x *torch.Tensor) *torch.Tensor { return w.LayerNorm(s, "none", x) },
	} {
		err := fails(t, func(s *torch.Scope) { f(s, n.p.Bind(s), s.Zeros(1, 8)) })
		assert.ErrorContains(t, err, "does not exist or was freed")
	}
}

func TestParamsRefuse(t *testing.T) {
	var l torch.Layout
	l.AddLinear("a", 2, 2)
	_, err := torch.ParamsOf(torch.CPU, l, make([]float32, 5))
	assert.ErrorContains(t, err, "5 values for a layout of 6")
	_, err = torch.NewParams(torch.CPU, nil, 1)
	assert.ErrorContains(t, err, "cannot hold 0 values", "a network without weights")
	p, err := torch.NewParams(torch.CPU, l, 1)
	require.NoError(t, err)
	assert.ErrorContains(t, p.Set(make([]float32, 7)), "7 values for a layout of 6")
	var other torch.Layout
	other.AddLinear("b", 2, 2)
	q, err := torch.NewParams(torch.CPU, other, 1)
	require.NoError(t, err)
	defer q.Free()
	assert.ErrorContains(t, p.Copy(q), "of another kind")
	p.Free()
	p.Free() // harmless
	for _, err := range []error{p.Set(make([]float32, 6)), q.Set(nil), p.Copy(p)} {
		assert.Error(t, err)
	}
	_, err = p.Values()
	assert.ErrorContains(t, err, "was freed")
	_, err = p.Digest()
	assert.ErrorContains(t, err, "was freed")
	_, err = p.Clone()
	assert.ErrorContains(t, err, "was freed")
	assert.ErrorContains(t, fails(t, func(s *torch.Scope) { assert.Empty(t, p.Bind(s)) }), "was freed")
}

func TestDigest(t *testing.T) {
	var l torch.Layout
	l.Add("a.weight", torch.Zeros, 2, 2)
	l.Add("a.bias", torch.Zeros, 1)
	v := []float32{1, -2, 3, 0.5, float32(math.Copysign(0, -1))}
	var golden struct{ Digest audit.Digest } // Python's hashlib over the documented bytes
	readGolden(t, "adam.json", &golden)
	assert.Equal(t, golden.Digest, torch.DigestWeights(l, v))
	p, err := torch.ParamsOf(torch.CPU, l, v)
	require.NoError(t, err)
	defer p.Free()
	d, err := p.Digest()
	require.NoError(t, err)
	assert.Equal(t, golden.Digest, d)

	seen := map[audit.Digest]string{golden.Digest: "itself"}
	differ := func(what string, d audit.Digest) {
		assert.NotContains(t, seen, d, what)
		seen[d] = what
	}
	w := append([]float32{}, v...)
	w[4] = 0
	differ("the sign of zero", torch.DigestWeights(l, w))
	m := append(torch.Layout{}, l...)
	m[0].Shape = []int64{4}
	differ("a shape", torch.DigestWeights(m, v))
	m[0].Shape, m[0].Name = l[0].Shape, "b.weight"
	differ("a name", torch.DigestWeights(m, v))
}

// Initial weights belong to results that were published: they may never change.
func TestInitialWeightsAreForGood(t *testing.T) {
	a, b := newNet(t, 7), newNet(t, 8)
	defer a.free()
	defer b.free()
	da, err := a.p.Digest()
	require.NoError(t, err)
	db, err := b.p.Digest()
	require.NoError(t, err)
	assert.NotEqual(t, da, db)
	assert.Equal(t, audit.Digest("95ad54bcaf1e96b4e00bdfe84126058b2e38cb3f904ec47bf4580359c75bdd1e"), da)

	// A weight's values depend on its name and the seed, not on its neighbours.
	var l torch.Layout
	l.AddLinear("out", 8*4*4, 5)
	p, err := torch.NewParams(torch.CPU, l, 7)
	require.NoError(t, err)
	defer p.Free()
	alone, err := p.Values()
	require.NoError(t, err)
	all, err := a.p.Values()
	require.NoError(t, err)
	assert.Equal(t, alone, all[a.p.Layout()[4].Offset:])
}

// The flat vector's gradient against central differences of the loss.
func TestGradientIsTheSlope(t *testing.T) {
	n := newNet(t, 2)
	defer n.free()
	v, err := n.p.Values()
	require.NoError(t, err)
	var grad []float32
	on(t, func(s *torch.Scope) { grad = s.Floats(s.Gradient(n.loss(s), n.p.Flat())) })
	at := func(i int, h float32) (loss float64) {
		w := append([]float32{}, v...)
		w[i] += h
		require.NoError(t, n.p.Set(w))
		on(t, func(s *torch.Scope) { loss = s.Item(n.loss(s)) })
		return loss
	}
	const h = 1e-2
	for i := 0; i < len(v); i += 23 {
		slope := (at(i, h) - at(i, -h)) / (2 * h)
		// float32 losses of about 1 are known to 1e-7, and the third derivative is small
		assert.InDelta(t, slope, grad[i], 1e-4, "weight %d", i)
	}
	_, most := spread(grad)
	assert.Greater(t, most, 1e-2, "gradients are not all small")
}

func TestCloneIsIndependent(t *testing.T) {
	n := newNet(t, 2)
	defer n.free()
	c, err := n.p.Clone()
	require.NoError(t, err)
	defer c.Free()
	before, err := c.Digest()
	require.NoError(t, err)
	after, err := n.train(1)
	require.NoError(t, err)
	still, err := c.Digest()
	require.NoError(t, err)
	assert.Equal(t, before, still)
	assert.NotEqual(t, after, still)
	assert.Equal(t, n.p.Layout(), c.Layout())
	assert.Equal(t, torch.CPU, c.Device())
}
