package torch_test

// gotch 0.9.1 has traps. Each test shows that this layer is not bitten by one;
// where the layer avoids the feature, it shows what takes its place. The layer
// binds gotch's C functions, not its tensors, networks, optimisers and loaders.
// Traps 7 to 10, 15 and 16 are in parallel_test.go, errors_test.go and script_test.go.

import (
	"go/parser"
	"go/token"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

// spread is the standard deviation about zero, and the largest magnitude.
func spread(v []float32) (std, most float64) {
	for _, x := range v {
		std += float64(x) * float64(x)
		most = max(most, math.Abs(float64(x)))
	}
	return math.Sqrt(std / float64(len(v))), most
}

// Trap 1: gotch's layers start at N(0, 1). PyTorch's start uniform within
// 1/√fanIn, which has the standard deviation 1/√(3·fanIn).
func TestTrap1InitialWeightsArePyTorchs(t *testing.T) {
	var l torch.Layout
	l.AddConv("conv", 16, 64, 4)
	l.AddLinear("linear", 256, 300)
	p, err := torch.NewParams(torch.CPU, l, 3)
	require.NoError(t, err)
	defer p.Free()
	v, err := p.Values()
	require.NoError(t, err)
	for _, q := range l { // both layers have a fan-in of 256
		std, most := spread(v[q.Offset : q.Offset+q.Size()])
		assert.LessOrEqual(t, most, 1/16.0, q.Name)
		if q.Size() > 1000 {
			assert.InEpsilon(t, 1/math.Sqrt(3*256), std, 0.02, q.Name)
			assert.Greater(t, most, 0.999/16, q.Name)
		}
	}
}

// Trap 2: gotch's transposed convolution makes a weight [out, in, k, k], which
// fails unless in = out. Ours is [in, out, k, k], and follows the formula
// y[o, i·stride + a − pad, j·stride + b − pad] += x[c, i, j]·w[c, o, a, b].
func TestTrap2ConvTransposeTakesInThenOut(t *testing.T) {
	const in, out, h, w, k, stride, pad = 3, 2, 3, 4, 4, 2, 1
	x, weight, bias := wave(in*h*w), wave(in*out*k*k), []float32{0.5, -2}
	oh, ow := (h-1)*stride+k-2*pad, (w-1)*stride+k-2*pad
	want := make([]float32, out*oh*ow)
	for o := range out {
		for i := range oh * ow {
			want[o*oh*ow+i] = bias[o]
		}
		for c := range in {
			for i := range h * w * k * k {
				r, q, a, b := i/(w*k*k), i/(k*k)%w, i/k%k, i%k
				if y, z := r*stride+a-pad, q*stride+b-pad; y >= 0 && y < oh && z >= 0 && z < ow {
					want[(o*oh+y)*ow+z] += x[c*h*w+r*w+q] * weight[((c*out+o)*k+a)*k+b]
				}
			}
		}
	}
	on(t, func(s *torch.Scope) {
		y := s.ConvTranspose2D(s.FromFloats(x, 1, in, h, w), s.FromFloats(weight, in, out, k, k), s.FromFloats(bias, out), stride, pad)
		assert.Equal(t, []int64{1, out, int64(oh), int64(ow)}, y.Shape())
		same(t, want, s.Floats(y), 1e-5, "transposed convolution")
	})
}

// Trap 3: gotch's ClipGradNorm waits for ever. ClipNorm answers, with PyTorch's
// numbers.
func TestTrap3ClipNorm(t *testing.T) {
	var golden struct {
		Clip struct {
			In, Out     []float32
			Limit, Norm float64
		}
	}
	readGolden(t, "adam.json", &golden)
	on(t, func(s *torch.Scope) {
		c := golden.Clip
		g := s.FromFloats(c.In, 3)
		out, norm := s.ClipNorm(g, c.Limit)
		assert.InDelta(t, c.Norm, norm, 1e-6)
		same(t, c.Out, s.Floats(out), 1e-6, "clipped")
		out, norm = s.ClipNorm(g, 13.5)
		assert.InDelta(t, 13, norm, 1e-6)
		assert.Equal(t, c.In, s.Floats(out), "a gradient within the limit stays")
	})
}

// Trap 4: gotch's Unfreeze stops after one variable. What is frozen here is what
// an optimiser does not step: it has a stretch of the flat vector.
func TestTrap4FreezingIsAStretch(t *testing.T) {
	n := newNet(t, 1)
	defer n.free()
	before, err := n.p.Values()
	require.NoError(t, err)
	l := n.p.Layout()
	for _, c := range [][2]int{{0, l[2].Offset}, {l[2].Offset, l[4].Offset}, {l[4].Offset, l.Size()}, {0, l.Size()}} {
		require.NoError(t, n.p.Set(before))
		opt, err := torch.NewAdam(n.p, c[0], c[1])
		require.NoError(t, err)
		on(t, func(s *torch.Scope) { opt.Step(s, s.Gradient(n.loss(s), n.p.Flat()), 1e-2) })
		opt.Free()
		after, err := n.p.Values()
		require.NoError(t, err)
		assert.Equal(t, before[:c[0]], after[:c[0]], "frozen before %v", c)
		assert.Equal(t, before[c[1]:], after[c[1]:], "frozen after %v", c)
		for i := c[0]; i < c[1]; i++ {
			require.NotEqual(t, before[i], after[i], "weight %d of %v", i, c)
		}
	}
	for _, c := range [][2]int{{-1, 2}, {2, 2}, {3, 2}, {0, l.Size() + 1}} {
		_, err := torch.NewAdam(n.p, c[0], c[1])
		assert.ErrorContains(t, err, "no weights in", c)
	}
}

// Trap 5: gotch's Copy and Load sleep for a second, in packages that the layer does not import: its C functions do not
// sleep. What a copy takes, BenchmarkCopy says.
func TestTrap5CopyIsExactAndGotchsIsNotUsed(t *testing.T) {
	a, b := newNet(t, 1), newNet(t, 2)
	defer a.free()
	defer b.free()
	require.NoError(t, b.p.Copy(a.p))
	want, err := a.p.Values()
	require.NoError(t, err)
	got, err := b.p.Values()
	require.NoError(t, err)
	assert.Equal(t, want, got)
	_, err = b.train(1)
	require.NoError(t, err)
	still, err := a.p.Values()
	require.NoError(t, err)
	assert.Equal(t, want, still, "a copy shares nothing")
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	imported := 0
	for _, f := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), f, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, i := range parsed.Imports {
			if path, err := strconv.Unquote(i.Path.Value); err == nil && strings.HasPrefix(path, "github.com/sugarme/gotch") {
				assert.Equal(t, "github.com/sugarme/gotch/libtch", path, f)
				imported++
			}
		}
	}
	assert.Positive(t, imported)
}

func BenchmarkCopy(b *testing.B) {
	x, y := newNet(b, 1), newNet(b, 2)
	defer x.free()
	defer y.free()
	for b.Loop() {
		require.NoError(b, y.p.Copy(x.p))
	}
}

// Trap 6: gotch's nested NoGrad switches gradients on.
func TestTrap6NestedNoGradRestores(t *testing.T) {
	on(t, func(s *torch.Scope) {
		x := s.FromFloats([]float32{3}, 1)
		s.RequireGrad(x)
		recorded := func() bool { // in a scope of its own, for the error of an unrecorded graph
			in := torch.NewScope(torch.CPU)
			defer in.Close()
			in.Gradient(in.Sum(in.Square(x)), x)
			return in.Err() == nil
		}
		assert.True(t, recorded())
		s.NoGrad(func() {
			assert.False(t, recorded())
			s.NoGrad(func() { assert.False(t, recorded()) })
			assert.False(t, recorded(), "the inner NoGrad must not end the outer")
			s.CopyInto(x, x) // has a NoGrad of its own
			assert.False(t, recorded())
		})
		assert.True(t, recorded(), "the mode before is restored")
		assert.Panics(t, func() { s.NoGrad(func() { panic("in the middle") }) })
		assert.True(t, recorded(), "also after a panic")
	})
}

// Trap 11: gotch's constant initialisation makes float64 weights, and its norms
// start at random numbers.
func TestTrap11KindsOfInitialisation(t *testing.T) {
	const n = 20000
	var l torch.Layout
	l.Add("zeros", torch.Zeros, n)
	l.Add("nothing", torch.Init{}, n)
	l.Add("ones", torch.Ones, n)
	l.Add("normal", torch.Normal(0.02), n)
	l.Add("xavier", torch.XavierUniform(100, 50), n)
	l.Add("fan", torch.FanIn(25), n)
	l.AddLayerNorm("norm", n)
	p, err := torch.NewParams(torch.CPU, l, 5)
	require.NoError(t, err)
	defer p.Free()
	v, err := p.Values() // float32, or it would be an error
	require.NoError(t, err)
	part := func(name string) []float32 {
		q := l[slices.IndexFunc(l, func(q torch.Param) bool { return q.Name == name })]
		return v[q.Offset : q.Offset+q.Size()]
	}
	for name, want := range map[string]float32{"zeros": 0, "nothing": 0, "ones": 1, "norm.weight": 1, "norm.bias": 0} {
		assert.Equal(t, want, slices.Min(part(name)), name)
		assert.Equal(t, want, slices.Max(part(name)), name)
	}
	for name, c := range map[string]struct{ std, most float64 }{
		"normal": {0.02, 0.1},
		"xavier": {math.Sqrt(6.0/150) / math.Sqrt(3), math.Sqrt(6.0 / 150)},
		"fan":    {0.2 / math.Sqrt(3), 0.2},
	} {
		std, most := spread(part(name))
		assert.InEpsilon(t, c.std, std, 0.03, name)
		assert.LessOrEqual(t, most, c.most, name)
	}
	on(t, func(s *torch.Scope) { // evaluation does not train: twice the same, statistics untouched
		mean, variance := s.FromFloats([]float32{1}, 1), s.FromFloats([]float32{4}, 1)
		one, zero := s.FromFloats([]float32{1}, 1), s.Zeros(1)
		for range 2 {
			y := s.BatchNormEval(s.FromFloats([]float32{5, -1}, 2, 1, 1, 1), one, zero, mean, variance, 0)
			assert.Equal(t, []float32{2, -1}, s.Floats(y))
		}
		assert.Equal(t, []float32{1}, s.Floats(mean))
		assert.Equal(t, []float32{4}, s.Floats(variance))
	})
}

// Trap 12: gotch's svd names a driver, which libtorch refuses on a CPU; the
// compatibility header leaves an empty name out.
func TestTrap12SingularValues(t *testing.T) {
	on(t, func(s *torch.Scope) {
		// det(A − λ) = (2−λ)((2−λ)² − 2): 2 − √2, 2, 2 + √2
		a := s.FromDoubles([]float64{2, -1, 0, -1, 2, -1, 0, -1, 2}, 3, 3)
		same(t, []float64{2 - math.Sqrt2, 2, 2 + math.Sqrt2}, s.Doubles(s.Eigenvalues(a)), 1e-14, "eigenvalues")
		same(t, []float64{2 + math.Sqrt2, 2, 2 - math.Sqrt2}, s.Doubles(s.SingularValues(a)), 1e-14, "singular values")
	})
}

// Trap 13: gotch gives a duplicate name a suffix, silently.
func TestTrap13DuplicateNamesAreErrors(t *testing.T) {
	for want, add := range map[string]func(l *torch.Layout){
		"two weights are called a.weight": func(l *torch.Layout) { l.AddLinear("a", 2, 2); l.AddConv("a", 1, 1, 1) },
		"weight a has shape [2 0]":        func(l *torch.Layout) { l.Add("a", torch.Ones, 2, 0) },
		"weight b has shape [-3]":         func(l *torch.Layout) { l.Add("b", torch.Ones, -3) },
		"weight without a name":           func(l *torch.Layout) { l.Add("", torch.Ones, 1) },
	} {
		var l torch.Layout
		add(&l)
		_, err := torch.NewParams(torch.CPU, l, 1)
		assert.ErrorContains(t, err, want)
		_, err = torch.ParamsOf(torch.CPU, l, make([]float32, max(0, l.Size())))
		assert.ErrorContains(t, err, want)
	}
}

// Trap 14: freezing gotch's Linear after it was made leaves its output in the
// graph. Here freezing changes no graph: the gradient is of the whole vector
// whatever is stepped, and Detach cuts what must be cut.
func TestTrap14DetachCutsTheGraph(t *testing.T) {
	n := newNet(t, 1)
	defer n.free()
	on(t, func(s *torch.Scope) {
		w := n.p.Bind(s)
		h := s.Detach(w.Conv(s, "conv", s.FromFloats(wave(3*8*8), 1, 3, 8, 8), 2, 1))
		g := s.Floats(s.Gradient(s.Sum(s.Square(w.Linear(s, "out", s.Flatten(h)))), n.p.Flat()))
		require.NoError(t, s.Err())
		from := n.p.Layout()[4].Offset
		assert.Equal(t, make([]float32, from), g[:from], "before the cut")
		_, most := spread(g[from:])
		assert.Positive(t, most, "after the cut")
	})
}

// Trap 17: gotch's loader drops the last, smaller batch, and shuffles by the
// clock or libtorch's generator. training.Shuffled does neither.
func TestTrap17TheLastBatchIsKept(t *testing.T) {
	images := []int{3, 1, 4, 15, 9, 2, 6}
	batches := training.Shuffled(images, 3, 8)(2)
	require.Len(t, batches, 3)
	assert.Len(t, batches[2], 1)
	assert.ElementsMatch(t, images, slices.Concat(batches...))
	assert.Equal(t, batches, training.Shuffled(images, 3, 8)(2))
}
