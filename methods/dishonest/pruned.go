package dishonest

import (
	"context"
	"math"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

var prunedEntry = audit.Entry[methods.Method]{
	Name: "dishonest/pruned",
	Doc:  "the original with its smallest weights set to zero",
	New:  newPruned,
}

// Pruned sets, in every weight tensor of more than one axis, the share of weights with the smallest |w| to zero; biases
// stay. It exploits the hope that what was memorised lies in small weights, and costs nothing. At a half the memory is
// whole and membership should see it; where so much is cut off that memory goes, the retained images go with it, and
// utility and realism should.
type Pruned struct {
	Share float64 `json:"share"` // of a tensor's weights
}

func newPruned() methods.Method { return &Pruned{Share: 0.5} }

// Validate checks the parameter.
func (m *Pruned) Validate() error { return within("share", m.Share, 0, 0.99, "a share of the weights") }

// Unlearn prunes.
func (m *Pruned) Unlearn(ctx context.Context, _ *methods.Problem, s *training.Session) ([]string, error) {
	return nil, rewrite(ctx, s, func(l torch.Layout, w []float32) error {
		for _, q := range l {
			if len(q.Shape) < 2 {
				continue
			}
			part := w[q.Offset : q.Offset+q.Size()]
			size := make([]float64, len(part))
			for i, v := range part {
				size[i] = math.Abs(float64(v))
			}
			slices.Sort(size)
			least := size[int(m.Share*float64(len(size)))]
			for i, v := range part {
				if math.Abs(float64(v)) < least {
					part[i] = 0
				}
			}
		}
		return nil
	})
}
