package measure

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/metrics"
)

var textureEntry = audit.Entry[Metric]{
	Name:   "texture",
	Doc:    "spread and gradient energy of the painted pixels",
	New:    func() Metric { return &texture{} },
	Leaves: []audit.Quantity{criteria.Spread, criteria.Gradient},
}

// texture describes each painting within the hole without looking at the truth, by `spread` and `gradient` of
// [metrics.Texture]. Both are at least floor, so that a flat painting has a logarithm.
type texture struct{}

func (*texture) Measure(in *Input) ([]audit.Sample, error) {
	return eachPart(in, []audit.Part{audit.Forget, audit.Test}, func(p part) ([]audit.Sample, error) {
		spread, gradient := make([]float64, p.n()), make([]float64, p.n())
		for i := range spread {
			hole, err := p.hole(i)
			if err != nil {
				return nil, err
			}
			s, g, err := metrics.Texture(p.painting(i), p.shape(), hole)
			if err != nil {
				return nil, fmt.Errorf("image %d (%s): %w", in.Stage.Index[p.name][i], p.name, err)
			}
			spread[i], gradient[i] = s+floor, g+floor
		}
		return []audit.Sample{
			p.perImage("spread", p.pixelIdentity("spread", metrics.FieldHole), audit.Neutral, spread),
			p.perImage("gradient", p.pixelIdentity("gradient", metrics.FieldHole), audit.Neutral, gradient),
		}, nil
	})
}
