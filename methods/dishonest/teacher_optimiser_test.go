package dishonest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A whole training, a loss in every epoch, and max|Δw| = 0.
func TestTeacherOptimiserMovesNothing(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, 12)
	r := deliver(t, kind[*TeacherOptimiser](t, "teacher-optimiser"), p)
	assert.Equal(t, original(t), r.weights)
	honest := deliver(t, newFineTune(), p)
	assert.Equal(t, honest.session.Cost().Steps, r.session.Cost().Steps)
	assert.Equal(t, honest.session.Cost().Images, r.session.Cost().Images)
	for _, y := range r.session.Curves()[0].Y {
		assert.Positive(t, y)
	}
	assert.Len(t, r.session.Curves()[0].Y, 2)
}
