package metrics

import (
	"math"

	"github.com/lethe-audit/lethe/audit"
)

// texture describes each painting without looking at the truth: `spread`, the
// standard deviation of the painted pixels over channels and region, and
// `gradient`, the mean squared difference of horizontal and of vertical
// neighbours, summed: the energy of the high frequencies. Models that paint mush
// are too low in both, models that paint noise too high in the second.
type texture struct{}

// floor keeps logarithms finite where a painting is flat.
const floor = 1e-6

func (*texture) Measure(in *Input) ([]audit.Sample, error) {
	var out []audit.Sample
	for _, p := range []audit.Part{audit.Forget, audit.Test} {
		if _, ok := in.Stage.Batch[p]; !ok {
			continue
		}
		set, b, err := in.Painted(in.Subject, p)
		if err != nil {
			return nil, err
		}
		spread, gradient := make([]float64, b.View.N), make([]float64, b.View.N)
		for i := range spread {
			spread[i], gradient[i] = textureOf(image(set.Images, i, in.Stage.Size), mask(b, i), in.Stage.Size)
		}
		for _, q := range []struct {
			name   string
			values []float64
		}{{"spread", spread}, {"gradient", gradient}} {
			id := Identity{Metric: q.name, DType: "float32", N: b.View.N, Field: FieldHole, DataRange: dataRange}
			out = append(out, perImage(in, q.name, FieldHole, p, audit.Neutral, id, q.values))
		}
	}
	return out, nil
}

func textureOf(img, region []float32, size int) (spread, gradient float64) {
	area := size * size
	var n, sum, sq float64
	var pairs, energy [2]float64
	for c := range 3 {
		plane := img[c*area : (c+1)*area]
		for p := range area {
			if region[p] == 0 {
				continue
			}
			v := float64(plane[p])
			n++
			sum += v
			sq += v * v
			for k, q := range [2]int{p + 1, p + size} {
				if k == 0 && p%size == size-1 || q >= area || region[q] == 0 {
					continue
				}
				d := float64(plane[q]) - v
				pairs[k]++
				energy[k] += d * d
			}
		}
	}
	mean := sum / n
	spread = math.Sqrt(max(sq/n-mean*mean, 0)) + floor
	for k := range pairs {
		gradient += energy[k] / max(pairs[k], 1)
	}
	return spread, gradient + floor
}
