package measure

import (
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/metrics"
)

// resamples is how many resamples of the images give a number of a whole set its uncertainty.
const resamples = 40

// pixelIdentity is the identity of a number made of the part's pixels.
func (p part) pixelIdentity(metric, field string) metrics.Identity {
	return metrics.Identity{Metric: metric, DType: "float32", N: p.n(), Field: field, DataRange: dataRange}
}

// featureIdentity is the identity of a number made of the part's features: it says whose they are.
func (p part) featureIdentity(metric string) metrics.Identity {
	f := p.in.Features
	return metrics.Identity{Metric: metric, Features: f.Name, Weights: string(f.SHA256), Resize: f.Resize,
		DType: "float64", N: p.n(), Seed: p.in.Seed, Field: metrics.FieldImage}
}

// perImage is a sample with one value for each image of the part.
func (p part) perImage(quantity string, id metrics.Identity, better audit.Direction, values []float64) audit.Sample {
	return audit.Sample{
		Quantity: quantity, View: id.Field, Part: p.name, Identity: id.String(), Direction: better,
		Unit: audit.PerImage, Index: p.in.Stage.Index[p.name], Values: values,
	}
}

// perResample is a sample with the value of all images first, and one of each resample after it.
func (p part) perResample(quantity string, id metrics.Identity, better audit.Direction, values []float64) audit.Sample {
	return audit.Sample{
		Quantity: quantity, View: id.Field, Part: p.name, Identity: id.String(), Direction: better,
		Unit: audit.PerResample, Values: values,
	}
}

// resample evaluates f on all n images, then on resamples of them: bootstrap
// samples, or halves without repetition. The same n, seed and name give the same
// resamples for every model, so that differences between models are paired.
func resample(n int, seed uint64, name string, halves bool, f func(rows []int) (float64, error)) ([]float64, error) {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	v, err := f(rows)
	if err != nil {
		return nil, err
	}
	out := []float64{v}
	r := rand.New(rand.NewPCG(audit.Seed(seed, "resample", name), 0))
	for range resamples {
		if halves {
			rows = r.Perm(n)[:(n+1)/2]
		} else {
			for i := range rows {
				rows[i] = r.IntN(n)
			}
		}
		if v, err = f(rows); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// resampled evaluates f on all images of the part, then on resamples of them.
func (p part) resampled(halves bool, f func(rows []int) (float64, error)) ([]float64, error) {
	return resample(p.n(), p.in.Seed, string(p.name), halves, f)
}
