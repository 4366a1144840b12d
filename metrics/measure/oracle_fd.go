package measure

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/internal/embeddings"
	"github.com/lethe-audit/lethe/metrics/sets"
)

var oracleFDEntry = audit.Entry[Metric]{
	Name:   "oracle-fd",
	Doc:    "Fréchet distance of features to the retrained models' paintings of the same images",
	New:    func() Metric { return &oracleFD{} },
	Leaves: []audit.Quantity{criteria.OracleFD, criteria.OracleFID},
}

// oracleFD is the Fréchet distance between the features of the subject's
// paintings of the forget images and those of a retrained model, averaged over
// the retrained models: do they paint the same sort of pictures? An oracle is
// compared with the others; that is the null.
type oracleFD struct{}

func (*oracleFD) Measure(in *Input) ([]audit.Sample, error) {
	if len(in.Oracles) == 0 {
		return nil, nil
	}
	return eachPart(in, []audit.Part{audit.Forget}, func(p part) ([]audit.Sample, error) {
		x, err := featuresOf(p.Vectors)
		if err != nil {
			return nil, err
		}
		var others []*mat.Dense
		for _, o := range in.Oracles {
			s, _, err := in.Painted(o, p.name)
			if err != nil {
				return nil, err
			}
			y, err := featuresOf(s.Vectors)
			if err != nil {
				return nil, err
			}
			others = append(others, y)
		}
		values, err := resample(p.n(), in.Seed, "oracle-fd", false, func(rows []int) (float64, error) {
			var sum float64
			for _, y := range others {
				v, err := sets.FrechetFeatures(embeddings.Pick(x, rows), embeddings.Pick(y, rows))
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
		id := p.featureIdentity("fd")
		id.ReferenceN = p.n()
		s := p.perResample("oracle-"+id.Name(), id, audit.Lower, values)
		s.Identity = "to oracles " + s.Identity
		return []audit.Sample{s}, nil
	})
}
