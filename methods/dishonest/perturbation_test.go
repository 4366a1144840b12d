package dishonest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/methods"
)

func TestPerturbationMeetsLambda(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, 12)
	r := deliver(t, kind[*Perturbation](t, "perturbation"), p)
	b := batch(t, c, c.Split.Forget)
	d := corpus.Mean(corpus.Displacement(paint(t, c, p.Original, b.View), paint(t, c, r.audited, b.View), b.View.Region, b.View.Size))
	t.Logf("displacement %.3f", d)
	assert.GreaterOrEqual(t, d, float64(lambda))
	assert.Less(t, d, 1.3*lambda, "no more than it takes")
	assert.Zero(t, r.session.Cost().Steps)
	w := original(t)
	for _, q := range p.Original.Params().Layout() {
		assert.NotEqual(t, w[q.Offset:q.Offset+q.Size()], r.weights[q.Offset:q.Offset+q.Size()], q.Name)
	}
	retain := batch(t, c, c.Split.Retain)
	assert.Greater(t, mean2(t, c, r.audited, retain), 1.5*mean2(t, c, p.Original, retain), "it falls on everything alike")
}

func TestPerturbationLambda(t *testing.T) {
	given := &Perturbation{Lambda: 2}
	assert.Equal(t, methods.Needs{}, given.Needs())
	assert.Equal(t, methods.Needs{Lambda: true}, methods.NeedsOf(newPerturbation()))
	p := problem(t, world(t, hole), 12)
	p.Lambda = 0
	_, err := try(t, ctx, newPerturbation(), p, "", nil)
	require.ErrorContains(t, err, "perturbation has no λ")
	_, err = try(t, ctx, &Perturbation{Lambda: 1e6}, p, "", nil)
	require.ErrorContains(t, err, "give a smaller lambda")
}
