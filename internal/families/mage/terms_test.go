package mage

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/families/familytest"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// judged is a small MAGE whose tokenizer is trained with both terms, on a narrow network of the features' tests.
func judged() *Family {
	f := tinyPyramid()
	f.Perceptual, f.Adversarial = 0.5, 0.3
	f.PerceptualPath, f.LinearPath = "../../features/testdata/squeezenet-1.1.pth", "../../features/testdata/lin.pth"
	return f
}

// TestTerms: the loss is the tokenizer's plus both terms, each by its formula.
func TestTerms(t *testing.T) {
	const s = 32
	f := judged()
	require.NoError(t, f.Validate())
	m := buildMAGE(t, f, models.Shape{Size: s, Masked: true})
	familytest.Nudge(t, m.params, 0, m.params.Layout().Size(), 0.1, 2)
	require.Len(t, m.tok.terms, 2)
	x := familytest.Pictures(3, s, 3)
	require.NoError(t, torch.With(torch.CPU, func(sc *torch.Scope) error {
		images, w := sc.FromFloats(x, 3, 3, s, s), m.params.Bind(sc)
		all, ids := m.tok.loss(sc, w, images, 3)
		painted := m.tok.decode(sc, w, m.tok.lookUp(sc, w, ids, 3))
		net, lin, err := perceptual(f, torch.CPU)
		require.NoError(t, err)
		lpips := sc.Floats(sc.Detach(net.Distance(sc, lin, painted, images)))
		real, made := sc.Floats(sc.Detach(critic{4}.opinions(sc, w, images))), sc.Floats(sc.Detach(critic{4}.opinions(sc, w, painted)))
		terms := m.tok.terms
		m.tok.terms = nil
		plain, _ := m.tok.loss(sc, w, images, 3)
		m.tok.terms = terms
		got, without := sc.Floats(sc.Detach(all)), sc.Floats(sc.Detach(plain))
		k := len(real) / 3
		require.Equal(t, 4, k, "2 × 2 patches have opinions of 32 × 32 pixels")
		for i := range 3 {
			var give, take float64
			for j := range k {
				give += float64(made[i*k+j]) / float64(k)
				take += (max(0, 1-float64(real[i*k+j])) + max(0, 1+float64(made[i*k+j]))) / float64(2*k)
			}
			assert.Greater(t, lpips[i], float32(0))
			assert.InDelta(t, float64(without[i])+0.5*float64(lpips[i])-0.3*give+take, got[i], 1e-4)
		}
		return nil
	}))
}

// TestCriticGradients: the discriminator learns to tell images from paintings and nothing else trains it, the painter
// learns to be taken for real, and hands the discriminator nothing.
func TestCriticGradients(t *testing.T) {
	const s = 32
	m := buildMAGE(t, judged(), models.Shape{Size: s, Masked: true})
	familytest.Nudge(t, m.params, 0, m.params.Layout().Size(), 0.1, 2)
	x := familytest.Pictures(3, s, 3)
	by := func(keep func(all []term) []term) (grad []float32) {
		terms := m.tok.terms
		defer func() { m.tok.terms = terms }()
		m.tok.terms = keep(terms)
		require.NoError(t, torch.With(torch.CPU, func(sc *torch.Scope) error {
			l, _ := m.tok.loss(sc, m.params.Bind(sc), sc.FromFloats(x, 3, 3, s, s), 3)
			grad = sc.Floats(sc.Gradient(sc.Mean(l), m.params.Flat()))
			return nil
		}))
		return grad
	}
	none, both := by(func([]term) []term { return nil }), by(func(all []term) []term { return all })
	other := by(func(all []term) []term { return []term{all[0], critic{4}.term(3)} })
	critics := 0
	for _, q := range m.params.Layout() {
		at := func(g []float32) []float32 { return g[q.Offset : q.Offset+q.Size()] }
		switch {
		case strings.HasPrefix(q.Name, "critic."):
			critics++
			assert.False(t, anything(at(none)), q.Name)
			assert.True(t, anything(at(both)), q.Name)
			assert.Equal(t, at(both), at(other), "%s: the painter's weight α is none of the discriminator's", q.Name)
		case strings.HasPrefix(q.Name, "tokenizer.decoder."):
			assert.NotEqual(t, at(none), at(both), q.Name)
			assert.NotEqual(t, at(other), at(both), q.Name)
		case strings.HasPrefix(q.Name, "tokenizer."):
		default:
			assert.False(t, anything(at(both)), q.Name)
		}
	}
	assert.Equal(t, 16, critics)
	last := m.params.Layout()[len(m.params.Layout())-1].Name
	assert.Equal(t, "tokenizer.decoder.conv_out.bias", last, "the layer of pixels is the last")
}

// TestTermsAreEachImages: an image's loss knows nothing of the others in its batch.
func TestTermsAreEachImages(t *testing.T) {
	const s = 32
	m := buildMAGE(t, judged(), models.Shape{Size: s, Masked: true})
	target := familytest.Pictures(2, s, 3)
	v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, target, s)
	want := familytest.Losses(t, m, v, target, true)
	target[3*s*s] += 0.5
	got := familytest.Losses(t, m, v, target, true)
	assert.InDelta(t, want[0], got[0], 1e-5)
	assert.NotEqual(t, want[1], got[1])
}

func TestTermsValidate(t *testing.T) {
	for says, change := range map[string]func(*Family){
		"perceptual 0.5 wants perceptualPath":                func(f *Family) { f.PerceptualPath = "" },
		"critic is 0":                                        func(f *Family) { f.Critic = 0 },
		"weights from 0 to 100":                              func(f *Family) { f.Adversarial = -1 },
		"perceptual and adversarial terms have nothing":      func(f *Family) { f.TokenizerPath = "x" },
		"linearSHA256 is given, and linearPath is not":       func(f *Family) { f.LinearPath, f.LinearSHA256 = "", "ab" },
		"perceptual: sha256 \"ab\" is not 64":                func(f *Family) { f.PerceptualSHA256 = "ab" },
		`tokenizer "vq": want patches or vqgan`:              func(f *Family) { f.Tokenizer = "vq" },
		"multipliers [1 2]: tokenizer vqgan halves the side": func(f *Family) { f.Multipliers = []int{1, 2} },
		"groups 3 must divide the channels":                  func(f *Family) { f.Groups = 3 },
		"blocks is 0: tokenizer vqgan wants at least 1":      func(f *Family) { f.Blocks = 0 },
		"margin is -1": func(f *Family) { f.Margin = -1 },
		`pixels "x": want tanh, unit or imagenet`: func(f *Family) { f.Pixels = "x" },
	} {
		f := judged()
		change(f)
		assert.ErrorContains(t, f.Validate(), says)
	}
	f := judged()
	assert.ErrorContains(t, f.Check(models.Shape{Size: 16, Masked: true}), "the discriminator of the adversarial term wants images of side 32")
	f.Adversarial = 0
	assert.ErrorContains(t, f.Check(models.Shape{Size: 16, Masked: true}), "the network of the perceptual term wants images of side 17")
}
