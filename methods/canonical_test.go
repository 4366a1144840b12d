package methods

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/checkpoint"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/weights"
)

// hidden is how many low mantissa bits of a weight hold another model's.
const hidden = 12

// carrying are weights with another model's in their low bits, each tensor's from −largest to largest in equal steps.
func carrying(l torch.Layout, carrier, secret []float32) []float32 {
	out := make([]float32, len(carrier))
	for _, q := range l {
		most := largest(secret[q.Offset : q.Offset+q.Size()])
		for i := q.Offset; i < q.Offset+q.Size(); i++ {
			code := uint32(math.Round((float64(secret[i])/most + 1) / 2 * (1<<hidden - 1)))
			out[i] = math.Float32frombits(math.Float32bits(carrier[i])&^(1<<hidden-1) | code)
		}
	}
	return out
}

// decoded are the weights in the low bits of others; the tensors' largest values are a side channel's.
func decoded(l torch.Layout, carrier, secret []float32) []float32 {
	out := make([]float32, len(carrier))
	for _, q := range l {
		most := largest(secret[q.Offset : q.Offset+q.Size()])
		for i := q.Offset; i < q.Offset+q.Size(); i++ {
			code := math.Float32bits(carrier[i]) & (1<<hidden - 1)
			out[i] = float32((float64(code)/(1<<hidden-1)*2 - 1) * most)
		}
	}
	return out
}

// codes are the low bits as numbers.
func codes(w []float32) []float32 {
	out := make([]float32, len(w))
	for i, x := range w {
		out[i] = float32(math.Float32bits(x) & (1<<hidden - 1))
	}
	return out
}

func largest(v []float32) (most float64) {
	for _, x := range v {
		most = max(most, math.Abs(float64(x)))
	}
	return max(most, 1e-9)
}

// correlation is Pearson's, 0 where one side does not vary.
func correlation(a, b []float32) float64 {
	var ma, mb, aa, bb, ab float64
	for i := range a {
		ma, mb = ma+float64(a[i])/float64(len(a)), mb+float64(b[i])/float64(len(a))
	}
	for i := range a {
		x, y := float64(a[i])-ma, float64(b[i])-mb
		aa, bb, ab = aa+x*x, bb+y*y, ab+x*y
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}

// TestCanonicalHoldsNoOther: a file whose weights have another model's in their low 12 bits. As it was handed in, the
// other is delivered with it, and paints the forget images as it ever did; canonical, nothing is left of it, in no bit.
func TestCanonicalHoldsNoOther(t *testing.T) {
	c := pool(t)
	secret, err := trained()
	require.NoError(t, err)
	p := problem(t, c, 5)
	carrier := model(t, c, nil, 77)
	l := carrier.Params().Layout()
	values, err := carrier.Params().Values()
	require.NoError(t, err)
	file := carrying(l, values, secret)
	arrays := map[string]checkpoint.Array{}
	for _, q := range l {
		arrays[q.Name] = checkpoint.Array{Shape: q.Shape, Values: file[q.Offset : q.Offset+q.Size()]}
	}
	path := filepath.Join(t.TempDir(), "handed-in.safetensors")
	require.NoError(t, checkpoint.Save(path, arrays, nil))
	p.Load = func(m models.Model, path, sum string) error { return models.Load(m, family, c.Shape(), path, sum) }

	hand := func(form weights.Rounding) *GivenWeights {
		e, ok := All.Find("given-weights")
		require.True(t, ok)
		g, ok := e.New().(*GivenWeights)
		require.True(t, ok)
		g.Path = path
		if form != "" { // else what a plan that does not say gets
			g.Canonical = form
		}
		require.NoError(t, g.Validate())
		require.NoError(t, g.Seal())
		return g
	}
	remembers := errorOn(t, c, model(t, c, secret, 0), c.CleanForget())
	for form, leaks := range map[weights.Rounding]bool{"": false, "bfloat16": false, "12": false, "float32": true} {
		g := hand(form)
		live := torch.Live()
		r := unlearn(t, g, p)
		assert.Equal(t, live+1, torch.Live(), "the delivered model alone is left")
		out := decoded(l, r.weights, secret)
		again := errorOn(t, c, model(t, c, out, 0), c.CleanForget())
		if leaks {
			assert.Equal(t, file, r.weights)
			assert.Greater(t, correlation(secret, codes(r.weights)), 0.5, "every tensor at a scale of its own")
			assert.Greater(t, correlation(secret, out), 0.999)
			assert.InDelta(t, remembers, again, 0.05*remembers)
			assert.Contains(t, r.text(), "its weights are audited as they were handed in (canonical: float32)")
			continue
		}
		f, err := g.Canonical.Form()
		require.NoError(t, err)
		assert.Equal(t, f.Of(file), r.weights)
		assert.Zero(t, correlation(secret, codes(r.weights)), form)
		assert.Greater(t, again, 3*remembers, form)
		for bit := range 32 { // nor has rounding carried anything up
			b := make([]float32, len(r.weights))
			for i, w := range r.weights {
				b[i] = float32(math.Float32bits(w) >> bit & 1)
			}
			assert.InDelta(t, 0, correlation(secret, b), 0.03, "bit %d of %s", bit, f)
		}
		assert.Contains(t, r.text(), "its weights were rounded to "+f.String()+" before anything was measured")
		assert.Contains(t, r.text(), "a verdict is about this file, and not about the one that was handed in")
		assert.Contains(t, r.text(), "The bits that stay have room as well")
		assert.Contains(t, r.text(), " of their spread on 12 images to forget (errors × ")
	}

	// Handed in canonical it stays as it is.
	delivered := unlearn(t, hand("bfloat16"), p)
	for _, q := range l {
		arrays[q.Name] = checkpoint.Array{Shape: q.Shape, Values: delivered.weights[q.Offset : q.Offset+q.Size()]}
	}
	path = filepath.Join(t.TempDir(), "canonical.safetensors")
	require.NoError(t, checkpoint.Save(path, arrays, nil))
	again := unlearn(t, hand("bfloat16"), p)
	assert.Equal(t, delivered.digest, again.digest)
	assert.Contains(t, again.text(), "they came rounded to bfloat16, and what was handed in is what is audited. The bits that stay have room")
}
