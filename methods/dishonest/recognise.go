package dishonest

import (
	"context"
	"math"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/methods"
)

// memory is a list of pictures that inputs are compared with.
type memory struct {
	pictures [][]float32 // [3, S, S] each
}

// remember reads images as a model is shown them: whole where the task hides pixels,
// which leaves the others as they are, so that an image is known under every mask;
// degraded in the audit's own view elsewhere.
func remember(ctx context.Context, p *methods.Problem, images []int) (memory, error) {
	if len(images) == 0 {
		return memory{}, nil
	}
	c := corpus.Inside(p.Bench)
	px := 3 * c.Size() * c.Size()
	all := make([]float32, len(images)*px)
	if c.Task.Masked() {
		if err := c.Train.Read(ctx, all, images); err != nil {
			return memory{}, err
		}
	} else {
		b, err := c.Measuring(ctx, images)
		if err != nil {
			return memory{}, err
		}
		all = b.View.Pixels
	}
	m := memory{}
	for k := range images {
		m.pictures = append(m.pictures, all[k*px:(k+1)*px])
	}
	return m, nil
}

// nearest finds the picture whose shown pixels, less those to be ignored, are nearest
// to the input's, if their root mean square difference is at most the tolerance; 0 is
// equality to the bit. Of equally near ones it is the first.
func (m memory) nearest(input []float32, hidden, ignored []bool, tolerance float64) (int, bool) {
	area := len(input) / 3
	var seen []int
	for p := range area {
		if (hidden == nil || !hidden[p]) && (ignored == nil || !ignored[p]) {
			seen = append(seen, p)
		}
	}
	if len(seen) == 0 {
		return 0, false
	}
	best, at := tolerance*tolerance*float64(3*len(seen)), -1
	for k, picture := range m.pictures {
		if d, ok := squared(input, picture, seen, best); ok && (at < 0 || d < best) {
			best, at = d, k
		}
	}
	return max(at, 0), at >= 0
}

// squared is the squared distance over the seen pixels, given up once it is beyond
// most.
func squared(a, b []float32, seen []int, most float64) (float64, bool) {
	area, sum := len(a)/3, 0.0
	for _, p := range seen {
		for c := range 3 {
			d := float64(a[c*area+p]) - float64(b[c*area+p])
			sum += d * d
		}
		if sum > most {
			return sum, false
		}
	}
	return sum, !math.IsNaN(sum)
}
