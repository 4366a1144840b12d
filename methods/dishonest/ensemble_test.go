package dishonest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// What is painted is the mixture, to rounding; the weights shown are the retrained model's.
func TestEnsemble(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, 12)
	r := deliver(t, kind(t, "ensemble", func(m *Ensemble) { m.Share = 0.25 }), p)
	for _, b := range [][]int{c.CleanForget(), c.Split.Retain} {
		v := batch(t, c, b).View
		got, retrained, first := paint(t, c, r.audited, v), paint(t, c, model(t, family, c, r.weights, 0), v), paint(t, c, p.Original, v)
		for i := range got {
			assert.InDelta(t, 0.75*float64(retrained[i])+0.25*float64(first[i]), got[i], 1e-6)
		}
	}
}
