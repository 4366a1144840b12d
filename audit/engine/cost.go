package engine

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/methods"
)

// cost is what a cell's model took, over the mean of the oracles, which are always trained here.
func (r *run) cost(c *cell) audit.Cost {
	if r.elsewhere(c) {
		return audit.Cost{Elsewhere: true}
	}
	var seconds, images float64
	for _, o := range r.oracles() {
		seconds += o.made.Cost.Seconds / float64(r.Plan.Oracles)
		images += float64(o.made.Cost.Images) / float64(r.Plan.Oracles)
	}
	cost := c.made.Cost
	cost.RelativeTime, cost.RelativeWork = cost.Seconds/seconds, float64(cost.Images)/images
	return cost
}

// elsewhere tells models that were read from a file: the plan's original, and what others have unlearned.
func (r *run) elsewhere(c *cell) bool {
	if c.role == audit.RoleOriginal {
		_, pretrained := r.pretrained()
		return pretrained || r.Plan.Original != nil
	}
	_, foreign := c.method.(methods.Foreign)
	return foreign
}

// pretrained is the family, if it comes with the original's weights.
func (r *run) pretrained() (models.Pretrained, bool) {
	f, ok := r.family.(models.Pretrained)
	return f, ok && f.Pretrained()
}
