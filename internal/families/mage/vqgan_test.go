package mage

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/families/familytest"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// TestTokens: a feature's token is its nearest code, and its distance what the formula says.
func TestTokens(t *testing.T) {
	const s = 16
	m := buildMAGE(t, tinyMAGE, models.Shape{Size: s, Masked: true})
	familytest.On(t, func(sc *torch.Scope) {
		w := m.params.Bind(sc)
		z := m.tok.encode(sc, w, sc.FromFloats(familytest.Pictures(2, s, 3), 2, 3, s, s))
		require.Equal(t, []int64{2, 16, 4}, z.Shape())
		features, book, d := sc.Floats(z), sc.Floats(w["tokenizer.codebook"]), sc.Floats(m.tok.distances(sc, w, z))
		for i, id := range m.tok.nearest(sc, w, z) {
			best, least := -1, math.Inf(1)
			for k := range m.Codes {
				var sum float64
				for c := range 4 {
					sum += math.Pow(float64(features[i*4+c]-book[k*4+c]), 2)
				}
				assert.InDelta(t, sum, d[i*m.Codes+k], 1e-5)
				if sum < least {
					best, least = k, sum
				}
			}
			assert.Equal(t, int64(best), id)
		}
	})
}

// TestTokensOfPatches: a token depends on its own patch alone.
func TestTokensOfPatches(t *testing.T) {
	const s = 16
	m := buildMAGE(t, tinyMAGE, models.Shape{Size: s, Masked: true})
	features := func(x []float32) (z []float32) {
		familytest.On(t, func(sc *torch.Scope) {
			z = sc.Floats(m.tok.encode(sc, m.params.Bind(sc), sc.FromFloats(x, 1, 3, s, s)))
		})
		return z
	}
	x := familytest.Pictures(1, s, 3)
	before := features(x)
	x[2*s*s+5*s+9] += 1 // row 5, column 9: patch 1·4 + 2
	for i, z := range features(x) {
		assert.Equal(t, i/4 == 6, z != before[i], "feature %d", i)
	}
}

// TestTokenizerLoss compares the value with the formula and the gradients with its parts: the codebook's and the
// decoder's with central differences, the encoder's with that of the straight-through estimator.
func TestTokenizerLoss(t *testing.T) {
	const s, h = 16, 1e-2
	m := buildMAGE(t, tinyMAGE, models.Shape{Size: s, Masked: true})
	x := familytest.Pictures(2, s, 3)
	value := func() (loss float64, ids []int64) {
		familytest.On(t, func(sc *torch.Scope) {
			l, tokens := m.tok.loss(sc, m.params.Bind(sc), sc.FromFloats(x, 2, 3, s, s), 2)
			loss, ids = sc.Item(sc.Mean(l)), tokens
		})
		return loss, ids
	}
	loss, ids := value()
	var grad []float32
	require.NoError(t, torch.With(torch.CPU, func(sc *torch.Scope) error {
		w, images := m.params.Bind(sc), sc.FromFloats(x, 2, 3, s, s)
		z, e := m.tok.encode(sc, w, images), m.tok.lookUp(sc, w, ids, 2)
		mse := func(a, b *torch.Tensor) *torch.Tensor { return sc.Mean(sc.Square(sc.Sub(a, b))) }
		want := sc.Item(mse(m.tok.decode(sc, w, e), images)) + 1.25*sc.Item(mse(z, e))
		assert.InDelta(t, want, loss, 1e-5)
		l, _ := m.tok.loss(sc, w, images, 2)
		grad = sc.Floats(sc.Gradient(sc.Mean(l), m.params.Flat()))
		// The encoder's: the slope of the painting at the codes, handed on to the features, and β times that of the distance.
		leaf := sc.FromFloats(sc.Floats(sc.Detach(e)), e.Shape()...)
		sc.RequireGrad(leaf)
		down := sc.Gradient(mse(m.tok.decode(sc, frozen(sc, w), leaf), images), leaf)
		w = m.params.Bind(sc)
		z = m.tok.encode(sc, w, images)
		through := sc.Add(sc.Sum(sc.Mul(z, down)), sc.Scale(mse(z, sc.Detach(e)), 0.25))
		for i, g := range sc.Floats(sc.Gradient(through, m.params.Flat()))[:m.params.Layout()[0].Size()] {
			assert.InDelta(t, g, grad[i], 1e-6)
		}
		return nil
	}))
	start, err := m.params.Values()
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(6, 0))
	for _, q := range m.params.Layout() {
		if !strings.HasPrefix(q.Name, "tokenizer.decoder.") {
			continue
		}
		var slope, norm float64
		d := make([]float64, q.Size())
		for i := range d {
			g := float64(grad[q.Offset+i])
			d[i] = math.Copysign(r.Float64(), g)
			slope, norm = slope+g*d[i], norm+d[i]*d[i]
		}
		norm = math.Sqrt(norm)
		at := func(h float64) float64 {
			w := append([]float32(nil), start...)
			for i := range d {
				w[q.Offset+i] += float32(h * d[i] / norm)
			}
			require.NoError(t, m.params.Set(w))
			l, _ := value()
			return l
		}
		assert.InDelta(t, (at(h)-at(-h))/(2*h), slope/norm, 0.02*math.Abs(slope/norm)+2e-5, q.Name)
	}
}

// TestTermsDoNotMeet: no weight gets a gradient from both terms of the family's loss.
func TestTermsDoNotMeet(t *testing.T) {
	const s = 16
	m := buildMAGE(t, tinyMAGE, models.Shape{Size: s, Masked: true})
	x := familytest.Pictures(2, s, 3)
	v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, x, s)
	require.NoError(t, torch.With(torch.CPU, func(sc *torch.Scope) error {
		images, region := sc.FromFloats(x, 2, 3, s, s), sc.FromFloats(v.Region, 2, 1, s, s)
		both := sc.Floats(sc.Gradient(sc.Mean(m.Loss(sc, models.NewInput(sc, v, true, 1), images, region)), m.params.Flat()))
		l, _ := m.tok.loss(sc, m.params.Bind(sc), images, 2)
		alone := sc.Floats(sc.Gradient(sc.Mean(l), m.params.Flat()))
		for _, q := range m.params.Layout() {
			a, b := alone[q.Offset:q.Offset+q.Size()], both[q.Offset:q.Offset+q.Size()]
			if strings.HasPrefix(q.Name, "tokenizer.") {
				assert.True(t, anything(a), q.Name)
				assert.Equal(t, a, b, q.Name)
			} else {
				assert.False(t, anything(a), q.Name)
				assert.True(t, anything(b), q.Name)
			}
		}
		return nil
	}))
}
