package attacks

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/internal/corpus"
)

var neighboursEntry = audit.Entry[Attack]{
	Name:   "neighbours",
	Doc:    "are changed copies of forget images painted better than those of test images? shows filters and memory beside the point",
	New:    func() Attack { return newNeighbours() },
	Leaves: []audit.Quantity{criteria.NeighbourError},
}

// Neighbours asks with changed copies of forget images and of test images: every visible value gets noise from
// N(0, σ²), and the painting is held against the unchanged truth. A memory is no point but a neighbourhood: a model
// that knows an image paints its noisy copy better, too. One that recognises the images it was told to forget and
// answers them in another way has to recognise their neighbours as well.
//
// An image's value at each σ is the geometric mean of its errors over the copies, each the mean squared error over
// the region. A small one says that the image is known; the criterion neighbours compares it with retrained models.
type Neighbours struct {
	silent
	Sigmas []float64 `json:"sigmas"` // σ of the noise; pixels are in [−1, 1]
	Copies int       `json:"copies"` // changed copies of every image, at each σ
}

func newNeighbours() *Neighbours { return &Neighbours{Sigmas: []float64{0.1, 0.5}, Copies: 4} }

// Validate checks the parameters.
func (a *Neighbours) Validate() error {
	if len(a.Sigmas) == 0 || a.Copies < 1 {
		return fmt.Errorf("%d sigmas and %d copies: want at least one of each", len(a.Sigmas), a.Copies)
	}
	for i, s := range a.Sigmas {
		if !(s > 0 && s <= 2) || slices.Contains(a.Sigmas[:i], s) {
			return fmt.Errorf("sigmas are %v: want different deviations, above 0 and at most 2", a.Sigmas)
		}
	}
	return nil
}

// Measure returns the errors of forget and test images at each σ. It asks as anybody can, and needs no weights.
func (a *Neighbours) Measure(ctx context.Context, t *Target) ([]audit.Sample, error) {
	var out []audit.Sample
	for _, sigma := range a.Sigmas {
		s, err := t.ForgetAndTest("neighbours", criteria.NeighbourError, fmt.Sprint(sigma), fmt.Sprintf("sigma=%g copies=%d", sigma, a.Copies),
			func(p audit.Part, b corpus.Batch) ([]float64, error) { return a.around(ctx, t, p, b, sigma) })
		if err != nil {
			return nil, err
		}
		out = append(out, s...)
	}
	return out, nil
}

// around is the geometric mean of each image's errors over its copies.
func (a *Neighbours) around(ctx context.Context, t *Target, p audit.Part, b corpus.Batch, sigma float64) ([]float64, error) {
	out := make([]float64, b.View.N)
	for k := range a.Copies {
		seed := audit.Seed(t.Seed, "neighbours", string(p), fmt.Sprint(sigma), fmt.Sprint(k))
		e, err := t.Errors(ctx, t.Model, noisy(b, t.Corpus.Task.Masked(), sigma, seed).View, b.Target)
		if err != nil {
			return nil, err
		}
		for i, v := range e {
			out[i] += math.Log(max(v, 1e-12)) / float64(a.Copies)
		}
	}
	for i := range out {
		out[i] = math.Exp(out[i])
	}
	return out, nil
}

// noisy is a batch with noise on what is visible: beside the region where it is masked, everywhere else. Every image has
// noise of its own, the same for every model.
func noisy(b corpus.Batch, masked bool, sigma float64, seed uint64) corpus.Batch {
	area := b.View.Size * b.View.Size
	px := append([]float32(nil), b.View.Pixels...)
	for i := range b.View.N {
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		for k := range 3 * area {
			z := sigma * r.NormFloat64()
			if b.View.Region[i*area+k%area] == 0 || !masked {
				v := float64(px[i*3*area+k]) + z
				px[i*3*area+k] = float32(min(1, max(-1, v)))
			}
		}
	}
	b.View.Pixels = px
	return b
}
