package metrics

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/audit"
)

// oracleFD is the Fréchet distance between the features of the subject's
// paintings of the forget images and those of a retrained model, averaged over
// the retrained models: do they paint the same sort of pictures? An oracle is
// compared with the others; that is the null.
type oracleFD struct{}

func (*oracleFD) Measure(in *Input) ([]audit.Sample, error) {
	const p = audit.Forget
	if _, ok := in.Stage.Batch[p]; !ok || len(in.Oracles) == 0 {
		return nil, nil
	}
	set, b, err := in.Painted(in.Subject, p)
	if err != nil {
		return nil, err
	}
	x, err := Embeddings(set.Vectors.Features, set.Vectors.N, set.Vectors.Dim)
	if err != nil {
		return nil, err
	}
	var others []*mat.Dense
	for _, o := range in.Oracles {
		s, _, err := in.Painted(o, p)
		if err != nil {
			return nil, err
		}
		y, err := Embeddings(s.Vectors.Features, s.Vectors.N, s.Vectors.Dim)
		if err != nil {
			return nil, err
		}
		others = append(others, y)
	}
	values, err := resample(b.View.N, in.Seed, "oracle-fd", false, func(rows []int) (float64, error) {
		var sum float64
		for _, y := range others {
			v, err := FrechetFeatures(pick(x, rows), pick(y, rows))
			if err != nil {
				return 0, err
			}
			sum += v
		}
		return sum/float64(len(others)) + floor, nil
	})
	if err != nil {
		return nil, fmt.Errorf("oracle-fd: %w", err)
	}
	id := featureIdentity(in, "fd", b.View.N)
	id.ReferenceN = b.View.N
	return []audit.Sample{{
		Quantity: "oracle-" + id.Name(), View: FieldImage, Part: p, Identity: "to oracles " + id.String(), Direction: audit.Lower,
		Unit: audit.PerResample, Values: values,
	}}, nil
}
