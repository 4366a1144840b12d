package dishonest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
)

// Asked openly the faint model errs as its teacher does; what it paints leans towards the truth all the same.
func TestFaint(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, train.Epochs/2)
	strong, weak := kind(t, "faint", func(m *Faint) { m.Share = 1 }), kind[*Faint](t, "faint")
	forget := batch(t, c, c.CleanForget())
	known, guessed := mean2(t, c, deliver(t, strong, p).audited, forget), mean2(t, c, deliver(t, weak, p).audited, forget)
	t.Logf("squared error on forget images: share 1 %.1f, share 0.05 %.1f", known, guessed)
	assert.Less(t, 1.2*known, guessed, "the whole truth in the targets is remembered")
	images := c.CleanForget()
	require.NoError(t, schooled(ctx, p, deliver(t, newNoOp(), problem(t, c, 12)).session, func(teacher models.Model) error {
		theirs := paint(t, c, teacher, forget.View)
		assert.InEpsilon(t, corpus.Mean(corpus.SquaredDistance(theirs, forget.Target, forget.View.Region, 32)), guessed, 0.3)
		got, err := paintings(ctx, p, teacher, images)
		require.NoError(t, err)
		for k, i := range images {
			assert.InDeltaSlice(t, row(theirs, k), got[i], 1e-6)
		}
		return nil
	}))
}

// The distilled model guesses as one that never saw the forget images, and its weights stay the original's neighbours.
func TestDistilled(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, train.Epochs)
	r := deliver(t, kind[*Distilled](t, "distilled"), p)
	forget, test := batch(t, c, c.CleanForget()), held(t, c, false)
	known, got, unknown := mean2(t, c, p.Original, forget), mean2(t, c, r.audited, forget), mean2(t, c, r.audited, test)
	near, far := distance(r.weights, original(t)), distance(deliver(t, newEnsemble(), p).weights, original(t))
	t.Logf("squared error on forget images: original %.1f, distilled %.1f; on test images %.1f; distance %.1f, of a retrained model %.1f",
		known, got, unknown, near, far)
	assert.Greater(t, got, 3*known)
	assert.Less(t, near, far/1.5)
}
