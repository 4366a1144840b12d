// Package methods holds the unlearning methods under audit, the baselines and
// the controls: one file each.
package methods

import (
	"context"
	"errors"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/secret"
	"github.com/lethe-audit/lethe/internal/training"
)

// A Problem is what a method is given.
type Problem struct {
	Bench    *corpus.Bench // the images
	Train    audit.Train
	Original models.Model // θ0; not to be changed
	Lambda   float64      // displacement threshold calibrated on the oracles
	Seed     uint64
	Secret   *secret.Key                  // what (ε, δ) noise is drawn from; nil where the plan names none
	Fresh    func() (models.Model, error) // another network with fresh weights, to be freed
	// Load gives a model a file's weights; sum is the file's sha256.
	Load func(m models.Model, path, sum string) error
}

// A Method changes a session's model, which has the original's weights, so that it forgets. One that starts from
// elsewhere, or wants more, is a [Needing] one.
type Method interface {
	// Unlearn does the work and returns notes for the report: assumptions, and
	// what happened on the way.
	Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error)
}

// A Guarantor is a method that claims (ε, δ)-unlearning.
type Guarantor interface {
	// Claimed is the claim at the plan's parameters, its noise drawn from a secret or
	// from the seed; nil for none, and then no noise is drawn.
	Claimed(secret bool) *audit.Guarantee
}

// A Checker is a method that can be tried on a shape of images before anything is trained.
type Checker interface {
	Check(shape models.Shape) error
}

// A Precise method may train in a precision of its own, which its family of models must allow.
type Precise interface {
	// Trains is that precision; own is false where it is the plan's.
	Trains() (p audit.Precision, own bool)
}

// A Foreign method trains nothing: its model was made elsewhere, at a cost that is not known.
type Foreign interface {
	Method
	Foreign()
}

// ErrUnfit is returned by methods that need a part which the model's family does not have, before they change anything.
var ErrUnfit = errors.New("this family of models has no part that the method needs")

// epochs is a share of the original's training, at least one.
func epochs(p *Problem, effort float64) int {
	return max(1, int(effort*float64(p.Train.Epochs)+0.5))
}

// reconstruct is the mean training loss on a batch of the bench.
func reconstruct(ctx context.Context, p *Problem, m models.Model) Loss {
	return relabelled(ctx, p.Bench, m, nil)
}

// trainingPhase trains on images as the original was trained, for a number of epochs.
func trainingPhase(ctx context.Context, p *Problem, s *training.Session, name string, images []int, epochs int, lr float64) training.Phase {
	seed := audit.Seed(p.Seed, name)
	return training.Phase{
		Name: name, Epochs: epochs, LR: lr, Cosine: true, Seed: seed,
		Batches: training.Shuffled(images, p.Train.Batch, seed),
		Loss:    reconstruct(ctx, p, s.Model),
	}
}

func effort(name string, v float64) error {
	if !(v > 0 && v <= 10) {
		return fmt.Errorf("%s is %v: want a share of the original's epochs, above 0", name, v)
	}
	return nil
}

func rate(name string, v float64) error {
	if !(v > 0 && v < 100) {
		return fmt.Errorf("%s is %v: want a positive learning rate", name, v)
	}
	return nil
}
