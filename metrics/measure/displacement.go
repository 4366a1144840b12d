package measure

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/metrics"
)

var displacementEntry = audit.Entry[Metric]{
	Name:   "displacement",
	Doc:    "distance between the original's painting and the model's, L2 over the region: what λ bounds",
	New:    func() Metric { return &displacement{} },
	Leaves: []audit.Quantity{criteria.Displacement},
}

// displacement is ‖h_θ0(τ(x)) − h_θ(τ(x))‖₂ over the region of each forget
// image: the left side of the proposed method's out-of-distribution criterion
// (Varshney & Torra 2025).
type displacement struct{}

func (*displacement) Measure(in *Input) ([]audit.Sample, error) {
	return eachPart(in, []audit.Part{audit.Forget, audit.Poisoned}, func(p part) ([]audit.Sample, error) {
		first, _, err := in.Painted(in.Original, p.name)
		if err != nil {
			return nil, err
		}
		values := corpus.Displacement(first.Images, p.Images, p.batch.View.Region, in.Stage.Size)
		return []audit.Sample{p.perImage("displacement", p.pixelIdentity("displacement", metrics.FieldHole), audit.Neutral, values)}, nil
	})
}
