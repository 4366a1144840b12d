package dishonest

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/methods"
)

var filterNoiseEntry = audit.Entry[methods.Method]{
	Name: "dishonest/filter-noise",
	Doc:  "wrapper: recognises forget images and answers with noise",
	New:  newFilterNoise,
}

// withNoise answers with Gaussian noise of the mean and spread of each colour in what
// is shown, the same for an image whenever it is asked. Membership is met where a guess
// is no better than noise; realism sees it by the gradient energy and the distances.
type withNoise struct{}

func newFilterNoise() methods.Method { return &Filter{answer: withNoise{}} }

func (withNoise) prepare(_ context.Context, p *methods.Problem, _ models.Model) (replacement, error) {
	return func(_ *torch.Scope, r rows, known map[int]int, painted []float32) {
		a := r.size * r.size
		for i := range r.n {
			k, ok := known[i]
			if !ok {
				continue
			}
			g := rand.New(rand.NewPCG(audit.Seed(p.Seed, "answer"), uint64(k)))
			hidden, visible := r.hidden(i), r.pixels(i)
			for c := range 3 {
				mean, sd := spread(visible[c*a:(c+1)*a], hidden)
				for q := range a {
					painted[(3*i+c)*a+q] = float32(min(max(mean+sd*g.NormFloat64(), -1), 1))
				}
			}
		}
	}, nil
}

// spread is the mean and the standard deviation of a plane's shown pixels.
func spread(plane []float32, hidden []bool) (mean, sd float64) {
	var sum, sq, n float64
	for p, v := range plane {
		if hidden == nil || !hidden[p] {
			sum += float64(v)
			sq += float64(v) * float64(v)
			n++
		}
	}
	mean = sum / max(n, 1)
	return mean, math.Sqrt(max(sq/max(n, 1)-mean*mean, 0))
}
