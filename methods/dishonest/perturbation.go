package dishonest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

var perturbationEntry = audit.Entry[methods.Method]{
	Name: "dishonest/perturbation",
	Doc:  "noise on the weights until the displacement reaches λ",
	New:  newPerturbation,
}

// Perturbation adds Gaussian noise to all weights, in proportion to each weight
// tensor's own root mean square, and enlarges it by a tenth until the mean
// displacement on the forget set reaches λ. It never looks at what it forgets. It
// exploits a criterion that asks only how far the paintings moved: it meets λ.
//
// The damage falls on everything alike, so utility and realism should see it.
type Perturbation struct {
	Lambda float64 `json:"lambda"` // displacement; 0 for the one calibrated on the oracles
}

// The noise's size over the weights': the first tried, the factor to the next, and the
// last, where a model is noise.
const (
	firstNoise = 0.01
	moreNoise  = 1.1
	mostNoise  = 100
)

func newPerturbation() methods.Method { return &Perturbation{} }

// Validate checks the parameter.
func (m *Perturbation) Validate() error {
	if m.Lambda < 0 || math.IsNaN(m.Lambda) || math.IsInf(m.Lambda, 0) {
		return fmt.Errorf("lambda is %v: want a displacement, or 0 for the calibrated one", m.Lambda)
	}
	return nil
}

// Needs the original, and λ unless it is given.
func (m *Perturbation) Needs() methods.Needs { return methods.Needs{Lambda: m.Lambda == 0} }

// Unlearn adds the noise.
func (m *Perturbation) Unlearn(ctx context.Context, p *methods.Problem, s *training.Session) ([]string, error) {
	lambda := m.Lambda
	if lambda == 0 {
		lambda = p.Lambda
	}
	if lambda <= 0 {
		return nil, errors.New("perturbation has no λ: give lambda, or oracles to calibrate it on")
	}
	disp, err := methods.Displacement(ctx, p, s)
	if err != nil {
		return nil, err
	}
	params := s.Model.Params()
	err = s.Unit(ctx, func() error {
		w, err := params.Values()
		if err != nil {
			return err
		}
		noise := relativeNoise(params.Layout(), w, audit.Seed(p.Seed, "perturbation"))
		moved := make([]float32, len(w))
		for size := firstNoise; size <= mostNoise; size *= moreNoise {
			for i := range w {
				moved[i] = w[i] + float32(size*noise[i])
			}
			if err := params.Set(moved); err != nil {
				return err
			}
			d, err := disp()
			if err != nil {
				return err
			}
			if d >= lambda {
				s.Record("displacement", d)
				return nil
			}
		}
		return fmt.Errorf("noise of %d times the weights does not displace the paintings by λ = %.3g: give a smaller lambda", mostNoise, lambda)
	})
	return nil, err
}

// relativeNoise draws standard noise times each weight tensor's root mean square.
func relativeNoise(l torch.Layout, w []float32, seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 0))
	out := make([]float64, len(w))
	for _, q := range l {
		var sq float64
		for _, v := range w[q.Offset : q.Offset+q.Size()] {
			sq += float64(v) * float64(v)
		}
		rms := math.Sqrt(sq / float64(q.Size()))
		for i := q.Offset; i < q.Offset+q.Size(); i++ {
			out[i] = rms * r.NormFloat64()
		}
	}
	return out
}
