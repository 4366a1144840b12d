package mage

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/families/familytest"
	"github.com/lethe-audit/lethe/internal/families/pixelrange"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// tinyPyramid is a small MAGE with the released tokenizer's network, on patches of 4.
func tinyPyramid() *Family {
	f := *tinyMAGE
	f.Tokenizer, f.Multipliers, f.Groups, f.Pixels, f.Width, f.Critic = published, []int{1, 2, 1}, 4, pixelrange.Unit, 8, 4
	return &f
}

// TestPyramidHiddenPixelsDoNotCount: though its convolutions see far, nothing of what stands in the hole reaches a
// painting or its gradient, and every visible pixel does.
func TestPyramidHiddenPixelsDoNotCount(t *testing.T) {
	const s = 32
	f := tinyPyramid()
	f.Margin, f.ShowMask = 1, true
	m := buildMAGE(t, f, models.Shape{Size: s, Masked: true})
	familytest.Nudge(t, m.params, 0, m.params.Layout().Size(), 0.2, 2)
	source := familytest.Pictures(2, s, 3)
	v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, source, s)
	want := familytest.Generate(t, m, v, true)
	leaky := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, source, s)
	copy(leaky.Pixels, source)
	assert.True(t, slices.Equal(want, familytest.Generate(t, m, leaky, true)))
	require.NoError(t, torch.With(torch.CPU, func(sc *torch.Scope) error {
		in := models.NewInput(sc, leaky, true, 0)
		sc.RequireGrad(in.X)
		out := m.Generate(sc, in)
		assert.True(t, slices.Equal(want, sc.Floats(sc.Detach(out))))
		for i, g := range sc.Floats(sc.Gradient(sc.Mean(sc.Square(out)), in.X)) {
			c, p := i/(s*s)%4, i%(s*s)
			if c == 3 || v.Region[i/(4*s*s)*s*s+p] == 1 {
				require.Zero(t, g)
			} else {
				require.NotZero(t, g, "pixel %d", i)
			}
		}
		return nil
	}))
}

// TestPyramidSeesFar: a token depends on pixels of other patches, which is why what is hidden must be taken out.
func TestPyramidSeesFar(t *testing.T) {
	const s = 16
	m := buildMAGE(t, tinyPyramid(), models.Shape{Size: s, Masked: true})
	features := func(x []float32) (z []float32) {
		familytest.On(t, func(sc *torch.Scope) {
			z = sc.Floats(m.tok.encode(sc, m.params.Bind(sc), sc.FromFloats(x, 1, 3, s, s)))
		})
		return z
	}
	x := familytest.Pictures(1, s, 3)
	before := features(x)
	x[5] += 1
	for i, z := range features(x) {
		require.NotEqual(t, before[i], z, "feature %d", i)
	}
}

// TestMargin: tokens around the hole count as hidden, and one margin too many is an error.
func TestMargin(t *testing.T) {
	const s = 32 // 8 × 8 tokens, of which the hole hides 4 × 4
	v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, familytest.Pictures(2, s, 3), s)
	for margin, hidden := range []int{16, 36} {
		f := tinyPyramid()
		f.Margin = margin
		m := buildMAGE(t, f, models.Shape{Size: s, Masked: true})
		familytest.On(t, func(sc *torch.Scope) {
			b := m.read(sc, m.params.Bind(sc), models.NewInput(sc, v, true, 0))
			require.Len(t, b.paint, 2*hidden)
			for i := range 2 {
				for _, p := range of(b.paint, i, 2) {
					y, x := int(p)/8, int(p)%8
					assert.True(t, y >= 2-margin && y < 6+margin && x >= 2-margin && x < 6+margin, "token %d, %d", y, x)
				}
			}
		})
	}
	f := tinyPyramid()
	f.Margin = 2
	m := buildMAGE(t, f, models.Shape{Size: s, Masked: true})
	err := torch.With(torch.CPU, func(sc *torch.Scope) error {
		m.Generate(sc, models.NewInput(sc, v, true, 0))
		return nil
	})
	assert.ErrorContains(t, err, "with a margin of 2 tokens the hole leaves none of 64 visible")
}

// TestPyramidLearns: in 80 steps of Adam on 8 pictures the tokenizer's loss and the cross entropy fall.
func TestPyramidLearns(t *testing.T) {
	const s, n = 16, 8
	f := tinyPyramid()
	f.Dim, f.DecoderDim, f.Heads, f.Width = 32, 32, 4, 16
	m := buildMAGE(t, f, models.Shape{Size: s, Masked: true})
	opt, err := torch.NewAdam(m.params, 0, m.params.Layout().Size())
	require.NoError(t, err)
	defer opt.Free()
	target := familytest.Pictures(n, s, 7)
	v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, target, s)
	loss := func(sc *torch.Scope, seed uint64) (tokenizer, all *torch.Tensor) {
		x := sc.FromFloats(target, n, 3, s, s)
		l, _ := m.tok.loss(sc, m.params.Bind(sc), x, n)
		return sc.Mean(l), sc.Mean(m.Loss(sc, models.NewInput(sc, v, true, seed), x, sc.FromFloats(v.Region, n, 1, s, s)))
	}
	measure := func() (tokenizer, entropy float64) {
		familytest.On(t, func(sc *torch.Scope) {
			a, b := loss(sc, 1)
			tokenizer, entropy = sc.Item(a), sc.Item(b)-sc.Item(a)
		})
		return tokenizer, entropy
	}
	tok0, ce0 := measure()
	before := torch.Live()
	for i := range 80 {
		require.NoError(t, torch.With(torch.CPU, func(sc *torch.Scope) error {
			_, l := loss(sc, uint64(i))
			opt.Step(sc, sc.Gradient(l, m.params.Flat()), 4e-3)
			return nil
		}))
	}
	assert.Equal(t, before, torch.Live())
	tok, ce := measure()
	t.Logf("tokenizer %.3f → %.3f, cross entropy %.3f → %.3f", tok0, tok, ce0, ce)
	assert.Less(t, tok, tok0/2)
	assert.Less(t, ce, ce0*0.9)
}

// TestPyramidGradients: every weight has its part in the loss, and the encoder's stretch holds what Encode depends on.
func TestPyramidGradients(t *testing.T) {
	const s = 16
	m := buildMAGE(t, tinyPyramid(), models.Shape{Size: s, Masked: true})
	familytest.Nudge(t, m.params, 0, m.params.Layout().Size(), 0.3, 2)
	target := familytest.Pictures(4, s, 3)
	v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, target, s)
	require.NoError(t, torch.With(torch.CPU, func(sc *torch.Scope) error {
		x := sc.FromFloats(target, 4, 3, s, s)
		l := sc.Mean(m.Loss(sc, models.NewInput(sc, v, true, 0), x, sc.FromFloats(v.Region, 4, 1, s, s)))
		grad := sc.Floats(sc.Gradient(l, m.params.Flat()))
		for _, q := range m.params.Layout() {
			assert.True(t, anything(grad[q.Offset:q.Offset+q.Size()]), q.Name)
			if strings.HasPrefix(q.Name, "tokenizer.decoder.") || strings.HasPrefix(q.Name, "decoder.") {
				assert.GreaterOrEqual(t, q.Offset, m.EncoderSize(), q.Name)
			}
		}
		return nil
	}))
}
