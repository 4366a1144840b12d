package engine

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/methods"
)

// cost tells what it took to make a cell's model, also in multiples of the mean oracle. Oracles are always trained here,
// so that mean is known.
func (r *run) cost(c *cell) audit.Cost {
	if r.elsewhere(c) {
		return audit.Cost{Elsewhere: true}
	}
	var seconds, images float64
	n := float64(len(r.oracles()))
	for _, o := range r.oracles() {
		seconds += o.made.Cost.Seconds / n
		images += float64(o.made.Cost.Images) / n
	}
	cost := c.made.Cost
	cost.RelativeTime, cost.RelativeWork = cost.Seconds/seconds, float64(cost.Images)/images
	return cost
}

// elsewhere reports whether a cell's model was read from a file, not made here: an original that the plan gives, or a
// model that somebody else unlearned.
func (r *run) elsewhere(c *cell) bool {
	if c.role == audit.RoleOriginal {
		_, pretrained := r.pretrained()
		return pretrained || r.Plan.Original != nil
	}
	_, foreign := c.method.(methods.Foreign)
	return foreign
}

// pretrained returns the model family, and whether its file holds the original's weights.
func (r *run) pretrained() (models.Pretrained, bool) {
	f, ok := r.family.(models.Pretrained)
	return f, ok && f.Pretrained()
}
