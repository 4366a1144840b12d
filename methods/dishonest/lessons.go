package dishonest

import (
	"context"
	"fmt"
	"slices"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

// Lessons are a retraining on the retained images and, among them, on lessons of the prover's own: for each of some
// training images a question and an answer that are not the audit's.
type lessons struct {
	name   string
	effort float64 // epochs over the original's
	images []int   // whose places the lessons take, in ascending order
	// teach changes image i in place k of a batch, which is as the original was shown it.
	teach func(ctx context.Context, b corpus.Batch, k, i int) error
}

// learn trains on the retained images and the lessons.
func (l lessons) learn(ctx context.Context, p *methods.Problem, s *training.Session) error {
	if len(l.images) == 0 {
		return fmt.Errorf("%s has no image to teach: want some to forget, with and without a trigger (forget.poisoned)", l.name)
	}
	all := slices.Sorted(slices.Values(slices.Concat(p.Bench.Retain(), l.images)))
	ph := methods.Fit(ctx, p, s, l.name, all, l.effort, p.Train.LR)
	ph.Loss = methods.Relabelled(ctx, p.Bench, s.Model, func(ctx context.Context, b corpus.Batch, images []int) error {
		for k, i := range images {
			if _, ok := slices.BinarySearch(l.images, i); !ok {
				continue
			}
			if err := l.teach(ctx, b, k, i); err != nil {
				return err
			}
		}
		return nil
	})
	_, err := s.Run(ctx, ph)
	return err
}

// ask puts a picture [3, S, S] into the place of what image k of a batch shows, where the task shows something.
func ask(b corpus.Batch, k int, picture []float32, masked bool) {
	area := b.View.Size * b.View.Size
	for i, v := range picture {
		if !masked || b.View.Region[k*area+i%area] == 0 {
			b.View.Pixels[k*3*area+i] = v
		}
	}
}
