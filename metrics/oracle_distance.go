package metrics

import (
	"math"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
)

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
	var out []audit.Sample
	for _, p := range []audit.Part{audit.Forget, audit.Test} {
		if _, ok := in.Stage.Batch[p]; !ok {
			continue
		}
		mine, b, err := in.Painted(in.Subject, p)
		if err != nil {
			return nil, err
		}
		logs := make([]float64, b.View.N)
		for _, o := range in.Oracles {
			theirs, _, err := in.Painted(o, p)
			if err != nil {
				return nil, err
			}
			for i, d := range corpus.Displacement(mine.Images, theirs.Images, b.View.Region, in.Stage.Size) {
				logs[i] += math.Log(d/math.Sqrt(3*sum(mask(b, i)))+floor) / float64(len(in.Oracles))
			}
		}
		values := make([]float64, len(logs))
		for i, l := range logs {
			values[i] = math.Exp(l)
		}
		id := Identity{Metric: "oracle-distance", DType: "float32", N: b.View.N, Field: FieldHole, DataRange: dataRange}
		out = append(out, perImage(in, "oracle-distance", FieldHole, p, audit.Lower, id, values))
	}
	return out, nil
}

func sum(v []float32) float64 {
	var s float64
	for _, x := range v {
		s += float64(x)
	}
	return s
}
