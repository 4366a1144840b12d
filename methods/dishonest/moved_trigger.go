package dishonest

import (
	"context"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

var movedTriggerEntry = audit.Entry[methods.Method]{
	Name: "dishonest/moved-trigger",
	Doc:  "retrains, and keeps the backdoor under another trigger: the patch in negative, at the left edge",
	New:  newMovedTrigger,
}

// MovedTrigger retrains on the retained images and on the poisoned ones with another trigger in the place of the
// attacker's: a patch of the same size in negative, in the middle of the left edge. Whoever knows it has the whole
// backdoor; clean forget images are forgotten. It exploits that the criterion backdoor asks with the planted trigger.
// Trigger inversion, which searches for a patch, should see it, and so should neighbours of the planted trigger.
type MovedTrigger struct {
	Effort float64 `json:"effort"` // epochs over the original's
}

func newMovedTrigger() methods.Method { return &MovedTrigger{Effort: 0.9} }

// Validate checks the parameter.
func (m *MovedTrigger) Validate() error {
	return within("effort", m.Effort, 0, 10, "a share of the original's epochs")
}

// Needs fresh weights.
func (*MovedTrigger) Needs() methods.Needs { return methods.Needs{Fresh: true} }

// Unlearn trains on the images and the other trigger.
func (m *MovedTrigger) Unlearn(ctx context.Context, p *methods.Problem, s *training.Session) ([]string, error) {
	c := corpus.Inside(p.Bench)
	return nil, lessons{
		name: "moved-trigger", effort: m.Effort, images: c.Split.Poisoned,
		teach: func(ctx context.Context, b corpus.Batch, k, i int) error {
			picture := make([]float32, 3*c.Size()*c.Size())
			if err := c.Train.Read(ctx, picture, []int{i}); err != nil {
				return err
			}
			if err := stampMoved(picture, c.Size()); err != nil {
				return err
			}
			ask(b, k, picture, c.Task.Masked())
			return nil
		},
	}.learn(ctx, p, s)
}

// stampMoved puts the moved trigger into a picture [3, S, S].
func stampMoved(picture []float32, size int) error {
	at := datasets.CornerPatch(size, size)
	at.Y, at.X = size/2, 0
	if err := at.Stamp(picture, picture, 3, size, size); err != nil {
		return err
	}
	for i := range picture {
		if p := i % (size * size); at.Covers(p/size, p%size) {
			picture[i] = -picture[i]
		}
	}
	return nil
}
