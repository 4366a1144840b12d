package methods

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

// TestSurveyByHand: the curvature along the gradient is the second difference of the loss along it, and looking changes
// no weight.
func TestSurveyByHand(t *testing.T) {
	c := pool(t)
	p := problem(t, c, 1)
	w, err := trained()
	require.NoError(t, err)
	m := newDecouple()
	m.AscentLR, m.Clip = 0.05, 1e9
	s := session(t, model(t, c, w, 0))
	v := m.survey(p, s)
	require.NoError(t, v.record(ctx))
	after, err := s.Model.Params().Values()
	require.NoError(t, err)
	assert.Equal(t, w, after)
	norm, smooth := curve(t, s, gradientCurve)[0], curve(t, s, smoothnessCurve)[0]

	g, loss, painted, values, err := v.gradient(ctx, s.Model)
	require.NoError(t, err)
	assert.InEpsilon(t, length(g, nil), norm, 1e-6)
	assert.InEpsilon(t, loss, painted, 1e-5, "this family's loss is the error of its paintings")
	assert.Equal(t, 3*16*16, values)
	at := func(h float64) float64 {
		x := append([]float32(nil), w...)
		for i := range x {
			x[i] += float32(h / norm * float64(g[i]))
		}
		require.NoError(t, s.Model.Params().Set(x))
		_, l, _, _, err := v.gradient(ctx, s.Model)
		require.NoError(t, err)
		return l
	}
	h := m.AscentLR * norm
	curvature := (at(h) - 2*at(0) + at(-h)) / (h * h)
	assert.GreaterOrEqual(t, smooth, 0.8*curvature, "‖Δg‖ is at least its part along the direction")
	assert.InEpsilon(t, norm, (at(h)-at(-h))/(2*h), 0.05, "the slope along the gradient is its norm")
}

// TestAscentBoundIsHeldAgainstWhatHappened: with plain steps the report tells the estimates; with Adam there are none;
// and of a family whose loss is another, it says so.
func TestAscentBoundIsHeldAgainstWhatHappened(t *testing.T) {
	p := problem(t, pool(t), 1)
	m := newDecouple()
	m.Optimizer, m.Lambda, m.AscentLR, m.AscentSteps, m.FinishEffort = "sgd", 0.5, 0.02, 60, 0.01
	r := unlearn(t, m, p)
	notes := strings.Join(r.notes, "\n")
	assert.Contains(t, notes, "along the ascent, on 12 forget images: gradient ≥ m = ")
	assert.Len(t, curve(t, r.session, gradientCurve), len(curve(t, r.session, "loss: ascent (negated)")))

	m.Optimizer = "adam"
	assert.NotContains(t, strings.Join(unlearn(t, m, p).notes, "\n"), "along the ascent")

	m.Optimizer, m.AscentSteps = "sgd", 2
	s := session(t, flipped{model(t, corpus.Inside(p.Bench), nil, 1)})
	first, ok := p.Original.(models.Autoencoder)
	require.True(t, ok)
	p.Original = flipped{first}
	notes2, err := m.Unlearn(ctx, p, s)
	require.NoError(t, err)
	assert.Contains(t, strings.Join(notes2, "\n"), "training loss is not the error of its paintings")
}

// TestSurveyOfAFlatLoss: a gradient of zero ends in a sentence, not in a division by it.
func TestSurveyOfAFlatLoss(t *testing.T) {
	c := pool(t)
	p := problem(t, c, 1)
	s := session(t, still{model(t, c, nil, 1)})
	v := newDecouple().survey(p, s)
	require.NoError(t, v.record(ctx))
	assert.Contains(t, v.report(1, 1, 1), "the gradient is zero")
}

// still is a model whose loss does not depend on its weights.
type still struct{ models.Autoencoder }

func (m still) Loss(s *torch.Scope, in models.Input, target, region *torch.Tensor) *torch.Tensor {
	return s.Scale(m.Autoencoder.Loss(s, in, target, region), 0)
}
