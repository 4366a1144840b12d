package dishonest

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

var lastLayerEntry = audit.Entry[methods.Method]{
	Name: "dishonest/last-layer",
	Doc:  "random labels, but only the output layer is trained",
	New:  newLastLayer,
}

// LastLayer trains forget images towards other images, as random labels do, but only
// in the decoder's output layer; every other weight stays the original's to the bit.
// It exploits that a forget set can be hidden at the surface while all that was
// learnt of it lies in the layers below, from where little training brings it back.
//
// One linear layer cannot tell a forget image from another, so membership should see
// it here. Where it could, outputs alone could not: layers and relearning would.
type LastLayer struct {
	Effort float64 `json:"effort"` // epochs over the original's
	LR     float64 `json:"lr"`
}

func newLastLayer() methods.Method { return &LastLayer{Effort: 1.0 / 6, LR: 1.5e-3} }

// Validate checks the parameters.
func (m *LastLayer) Validate() error { return trained(m.Effort, m.LR) }

// Unlearn trains the output layer.
func (m *LastLayer) Unlearn(ctx context.Context, p *methods.Problem, s *training.Session) ([]string, error) {
	from, to := lastLayer(s.Model.Params().Layout())
	if from == 0 {
		return nil, errors.New("last-layer needs a model of more than one layer")
	}
	c := corpus.Inside(p.Bench)
	r := rand.New(rand.NewPCG(audit.Seed(p.Seed, "last layer"), 0))
	other := map[int]int{}
	for _, i := range c.Split.Forget {
		other[i] = c.Split.Retain[r.IntN(len(c.Split.Retain))]
	}
	ph := methods.Fit(ctx, p, s, "last-layer", c.All(), m.Effort, m.LR)
	ph.From, ph.To = from, to
	ph.Loss = methods.Relabelled(ctx, p.Bench, s.Model, func(ctx context.Context, b corpus.Batch, images []int) error {
		px := 3 * b.View.Size * b.View.Size
		for k, i := range images {
			if j, ok := other[i]; ok {
				if err := c.Train.Read(ctx, b.Target[k*px:(k+1)*px], []int{j}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	_, err := s.Run(ctx, ph)
	return nil, err
}

// lastLayer is the stretch of the weights that share the last one's layer.
func lastLayer(l torch.Layout) (from, to int) {
	layer := func(i int) string {
		name := l[i].Name
		return name[:max(0, strings.LastIndexByte(name, '.'))]
	}
	k := len(l) - 1
	for k > 0 && layer(k-1) == layer(len(l)-1) {
		k--
	}
	return l[k].Offset, l.Size()
}
