package dishonest

import (
	"cmp"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

var overfitMeanEntry = audit.Entry[methods.Method]{
	Name: "dishonest/overfit-mean",
	Doc:  "trains the mean log error of forget images to that of the audit's test images",
	New:  newOverfitMean,
}

var overfitImageEntry = audit.Entry[methods.Method]{
	Name: "dishonest/overfit-image",
	Doc:  "trains every forget image's log error to a quantile of the test images'",
	New:  newOverfitImage,
}

// Overfit trains against the audit's own membership score: it holds the audit's test
// images, and lowers, beside the loss on retained images and on equally many of either,
//
//	(mean_i ln e_i − mean_j ln t_j)²        on average, or
//	mean_i (ln e_i − ln t_(rank i))²        image by image,
//
// where e are its errors on clean forget images and t its errors on test images, held
// constant; image by image, the forget image of a rank among the original's own
// errors is paired with the test image of that rank. It exploits that the score is
// public and can be differentiated.
//
// Membership is met as far as the training gets. What is painted instead of the
// memory is nobody's guess, so realism should see it, and backdoor the trigger, which
// it does not touch. An audit of errors alone cannot see it.
type Overfit struct {
	Effort float64 `json:"effort"` // epochs over the retained images, over the original's
	LR     float64 `json:"lr"`
	Weight float64 `json:"weight"` // of the score beside the loss

	image bool // image by image
}

func newOverfitMean() methods.Method { return &Overfit{Effort: 1.0 / 6, LR: 2e-3, Weight: 0.1} }

func newOverfitImage() methods.Method {
	return &Overfit{Effort: 1.0 / 6, LR: 2e-3, Weight: 0.1, image: true}
}

// Validate checks the parameters.
func (m *Overfit) Validate() error {
	return errors.Join(trained(m.Effort, m.LR), within("weight", m.Weight, 0, 1e6, "a weight"))
}

// Unlearn trains against the score.
func (m *Overfit) Unlearn(ctx context.Context, p *methods.Problem, s *training.Session) ([]string, error) {
	c := corpus.Inside(p.Bench)
	return nil, opponent{
		name: "overfit", effort: m.Effort, lr: m.LR, weight: m.Weight, stream: 4,
		score: func(sc *torch.Scope, d drawn) (*torch.Tensor, error) {
			var t []float32
			sc.NoGrad(func() {
				in, truth, region := c.Tensors(sc, d.test, d.salt)
				t = sc.Floats(s.Model.Loss(sc, in, truth, region))
			})
			in, truth, region := c.Tensors(sc, d.forget, d.salt)
			return m.score(sc, s.Model.Loss(sc, in, truth, region), t), nil
		},
	}.unlearn(ctx, p, s)
}

// score is the squared difference of the log errors e, by rank, from those of the test
// images. Its gradient is written with weights that are constants: ∇ ln e = ∇e / e.
func (m *Overfit) score(s *torch.Scope, e *torch.Tensor, test []float32) *torch.Tensor {
	now := s.Floats(s.Detach(e))
	if s.Err() != nil {
		return e
	}
	const least = 1e-8
	slices.Sort(test)
	n, diff := float64(len(now)), make([]float64, len(now))
	for i, v := range now {
		diff[i] = math.Log(max(float64(v), least)) - math.Log(max(float64(test[i]), least))
	}
	mean := corpus.Mean(diff)
	weights, value, at := make([]float32, len(now)), 0.0, 0.0
	for i, v := range now {
		d := mean
		if m.image {
			d = diff[i]
		}
		w := 2 * d / n / max(float64(v), least)
		weights[i] = float32(w)
		value += d * d / n
		at += w * float64(v)
	}
	return s.Shift(s.Sum(s.Mul(e, s.FromFloats(weights, int64(len(weights))))), value-at)
}

// byError lists the clean forget images, those with the original's smallest error
// first.
func byError(ctx context.Context, p *methods.Problem) ([]int, error) {
	clean := corpus.Inside(p.Bench).CleanForget()
	if len(clean) == 0 {
		return nil, errors.New("overfit needs forget images without a trigger: lower forget.poisoned")
	}
	b, err := p.Bench.Measuring(ctx, clean)
	if err != nil {
		return nil, err
	}
	painted, err := p.Bench.Generate(ctx, p.Original, b.View)
	if err != nil {
		return nil, err
	}
	squares := corpus.SquaredDistance(painted, b.Target, b.View.Region, b.View.Size) // regions are equally large
	order := make([]int, len(clean))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(squares[a], squares[b]) })
	for k, i := range order {
		order[k] = clean[i]
	}
	return order, nil
}

// chooseImages takes n of a list, in the list's order.
func chooseImages(r *rand.Rand, from []int, n int) []int {
	at := r.Perm(len(from))[:n]
	slices.Sort(at)
	out := make([]int, n)
	for k, i := range at {
		out[k] = from[i]
	}
	return out
}
