package measure

import (
	"math"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/metrics"
)

var oracleDistanceEntry = audit.Entry[Metric]{
	Name:   "oracle-distance",
	Doc:    "distance of each painting to the retrained models' paintings of the same image",
	New:    func() Metric { return &oracleDistance{} },
	Leaves: []audit.Quantity{criteria.OracleDistance},
}

// oracleDistance is how far a painting is from the retrained models' paintings of
// the same image: the root mean squared difference over the region, as a
// geometric mean over the retrained models. An oracle is compared with the
// others, so that one more retrained model is exchangeable with them: its
// distances have the oracles' own distribution. Whoever paints the true image, or
// another one, or noise, where retrained models paint their guess, is further
// away.
type oracleDistance struct{}

func (*oracleDistance) Measure(in *Input) ([]audit.Sample, error) {
	if len(in.Oracles) == 0 {
		return nil, nil
	}
	return eachPart(in, []audit.Part{audit.Forget, audit.Test}, func(p part) ([]audit.Sample, error) {
		logs := make([]float64, p.n())
		for _, o := range in.Oracles {
			theirs, _, err := in.Painted(o, p.name)
			if err != nil {
				return nil, err
			}
			for i, d := range corpus.Displacement(p.Images, theirs.Images, p.batch.View.Region, in.Stage.Size) {
				logs[i] += math.Log(d/math.Sqrt(3*sum(p.mask(i)))+floor) / float64(len(in.Oracles))
			}
		}
		values := make([]float64, len(logs))
		for i, l := range logs {
			values[i] = math.Exp(l)
		}
		return []audit.Sample{p.perImage("oracle-distance", p.pixelIdentity("oracle-distance", metrics.FieldHole), audit.Lower, values)}, nil
	})
}

func sum(v []float32) float64 {
	var s float64
	for _, x := range v {
		s += float64(x)
	}
	return s
}
