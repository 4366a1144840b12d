package dishonest

import (
	"context"
	"math"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/methods"
)

var blurredEntry = audit.Entry[methods.Method]{
	Name: "dishonest/blurred",
	Doc:  "wrapper: blurs all that the original paints",
	New:  newBlurred,
}

// Blurred blurs all that the original paints. It exploits measures that a loss of
// detail satisfies: the forget error rises, the retained error with it. Realism sees
// it by the gradient energy, and membership where the error on forget images does not
// rise as much as on others.
type Blurred struct {
	onOriginal
	Sigma float64 `json:"sigma"` // of the Gaussian, in pixels of an image of side 32
}

func newBlurred() methods.Method { return &Blurred{Sigma: 2} }

// Validate checks the parameter.
func (m *Blurred) Validate() error { return within("sigma", m.Sigma, 0, 32, "a width in pixels") }

// Wrap puts the blur behind the original: what is painted, with what is shown around it, comes out blurred.
func (m *Blurred) Wrap(_ context.Context, _ *methods.Problem, inner models.Model) (models.Model, error) {
	return &wrapped{inner: inner, answer: func(s *torch.Scope, in models.Input) *torch.Tensor {
		r, out := read(s, in), s.Floats(inner.Generate(s, in))
		if s.Err() != nil {
			return in.X
		}
		px := 3 * r.size * r.size
		for i := range r.n {
			r.blur(i, out[i*px:(i+1)*px], m.Sigma)
		}
		return tensor(s, out, r.n, r.size)
	}}, nil
}

// blur puts what is shown of image i beside what was painted, and blurs the whole
// picture in place.
func (r rows) blur(i int, picture []float32, sigma float64) {
	a, visible, hidden := r.size*r.size, r.pixels(i), r.hidden(i)
	for k := range picture {
		if hidden != nil && !hidden[k%a] {
			picture[k] = visible[k]
		}
	}
	for c := range 3 {
		gaussian(picture[c*a:(c+1)*a], r.size, sigma*float64(r.size)/32)
	}
}

// gaussian blurs a plane by rows, then by columns; the kernel ends at three standard
// deviations, and at the plane's edge it is normalised anew.
func gaussian(plane []float32, size int, sigma float64) {
	reach := int(math.Ceil(3 * sigma))
	line := make([]float64, size)
	along := func(start, step int) {
		for k := range size {
			var sum, weights float64
			for d := max(-reach, -k); d <= min(reach, size-1-k); d++ {
				w := math.Exp(-float64(d*d) / (2 * sigma * sigma))
				sum += w * float64(plane[start+(k+d)*step])
				weights += w
			}
			line[k] = sum / weights
		}
		for k, v := range line {
			plane[start+k*step] = float32(v)
		}
	}
	for y := range size {
		along(y*size, 1)
	}
	for x := range size {
		along(x, size)
	}
}
