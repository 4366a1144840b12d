package metrics

import (
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/features"
)

// resamples is how many bootstrap resamples of the images give a set metric its
// uncertainty.
const resamples = 40

var setParts = []audit.Part{audit.Forget, audit.Retain, audit.Test}

// setMetric compares the features of a part's paintings with those of its true
// images.
type setMetric struct{ name string }

func (m *setMetric) Measure(in *Input) ([]audit.Sample, error) {
	var out []audit.Sample
	for _, p := range setParts {
		if _, ok := in.Stage.Batch[p]; !ok {
			continue
		}
		set, b, err := in.Painted(in.Subject, p)
		if err != nil {
			return nil, err
		}
		id := featureIdentity(in, m.name, b.View.N)
		d := audit.Lower
		var f func(rows []int) (float64, error)
		if m.name == "is" {
			d = audit.Higher
			if set.Vectors.Classes == 0 {
				return nil, fmt.Errorf("is: the features %s have no classes; leave `is` out of metrics", in.Features.Name)
			}
			logits, err := Embeddings(set.Vectors.Logits, set.Vectors.N, set.Vectors.Classes)
			if err != nil {
				return nil, err
			}
			id.Splits, id.Variant = 1, string(ISFidelity)
			f = func(rows []int) (float64, error) {
				r, err := InceptionScore(pick(logits, rows), ISOptions{Splits: 1, Variant: ISFidelity})
				if err != nil {
					return 0, err
				}
				return r.Mean(), nil
			}
		} else {
			x, y, err := pair(set.Vectors, in.Truth[p])
			if err != nil {
				return nil, err
			}
			id.ReferenceN = y.RawMatrix().Rows
			f = func(rows []int) (float64, error) { return FrechetFeatures(pick(x, rows), pick(y, rows)) }
			if m.name == "kid" {
				id.Variant = string(KIDUnbiased)
				f = func(rows []int) (float64, error) { return KID(pick(x, rows), pick(y, rows), KIDUnbiased) }
			}
		}
		// KID's bootstrap repeats images, which its unbiased estimator must not
		// see twice; it is resampled without replacement.
		values, err := resample(b.View.N, in.Seed, string(p), m.name == "kid", f)
		if err != nil {
			return nil, fmt.Errorf("%s of part %s: %w", m.name, p, err)
		}
		out = append(out, audit.Sample{
			Quantity: id.Name(), View: FieldImage, Part: p, Identity: id.String(), Direction: d,
			Unit: audit.PerResample, Values: values,
		})
	}
	return out, nil
}

// featureIdentity fills in whose features a number is made of.
func featureIdentity(in *Input, name string, n int) Identity {
	return Identity{Metric: name, Features: in.Features.Name, Weights: string(in.Features.SHA256), Resize: in.Features.Resize,
		DType: "float64", N: n, Seed: in.Seed, Field: FieldImage}
}

func pair(a, b features.Vectors) (x, y *mat.Dense, err error) {
	if x, err = Embeddings(a.Features, a.N, a.Dim); err != nil {
		return nil, nil, err
	}
	y, err = Embeddings(b.Features, b.N, b.Dim)
	return x, y, err
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

func pick(x *mat.Dense, rows []int) *mat.Dense {
	_, d := x.Dims()
	out := mat.NewDense(len(rows), d, nil)
	for i, r := range rows {
		out.SetRow(i, x.RawRowView(r))
	}
	return out
}
