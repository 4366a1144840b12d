package metrics

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
)

// displacement is ‖h_θ0(τ(x)) − h_θ(τ(x))‖₂ over the region of each forget
// image: the left side of the proposed method's out-of-distribution criterion
// (Varshney & Torra 2025).
type displacement struct{}

func (*displacement) Measure(in *Input) ([]audit.Sample, error) {
	var out []audit.Sample
	for _, p := range []audit.Part{audit.Forget, audit.Poisoned} {
		if _, ok := in.Stage.Batch[p]; !ok {
			continue
		}
		now, b, err := in.Painted(in.Subject, p)
		if err != nil {
			return nil, err
		}
		first, _, err := in.Painted(in.Original, p)
		if err != nil {
			return nil, err
		}
		id := Identity{Metric: "displacement", DType: "float32", N: b.View.N, Field: FieldHole, DataRange: dataRange}
		out = append(out, perImage(in, "displacement", FieldHole, p, audit.Neutral, id,
			corpus.Displacement(first.Images, now.Images, b.View.Region, in.Stage.Size)))
	}
	return out, nil
}
