package kit

import (
	"context"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

type (
	// Method is what an unlearning method implements. Its entry goes into Catalogue.Methods; with the role
	// audit.RoleControl where the verdict is known beforehand.
	Method = methods.Method
	// Problem is what a method is given: images, the original, the plan's training, seeds.
	Problem = methods.Problem
	// Bench has the images that a method may touch, by handles, and reads and degrades them as the original's training did.
	Bench = corpus.Bench
	// Batch is degraded images with their targets.
	Batch = corpus.Batch
	// Session is the model being changed. Work that goes through it is resumed, counted and drawn as curves.
	Session = training.Session
	// Phase is a stretch of training with one optimiser; a session runs it.
	Phase = training.Phase
	// Loss is a phase's loss on a batch of image handles; salt is different in every step.
	Loss = methods.Loss
	// Needs tells what a method wants beyond the images to retain and to forget.
	Needs = methods.Needs
	// Needing is a method that says so.
	Needing = methods.Needing
	// Guarantor is a method that claims (ε, δ)-unlearning.
	Guarantor = methods.Guarantor
	// Checker is a method that can be tried on a shape of images before anything is trained.
	Checker = methods.Checker
)

// ErrUnfitMethod is returned by methods that need a part which the model's family does not have, before they change
// anything: the report then says NOT APPLICABLE.
var ErrUnfitMethod = methods.ErrUnfit

// ErrDiverged is returned where a loss, a gradient or a painting is not a finite number.
var ErrDiverged = training.ErrDiverged

// Fit is a phase over images that trains as the original was trained: its loss, its batches, a rate that falls to zero
// along a half cosine. effort is the number of epochs over the original's (at least one epoch is run), lr the first rate.
func Fit(ctx context.Context, p *Problem, s *Session, name string, images []int, effort, lr float64) Phase {
	return methods.Fit(ctx, p, s, name, images, effort, lr)
}

// Relabelled is the mean training loss on a batch of the bench whose targets change may alter; a nil change leaves them.
func Relabelled(ctx context.Context, b *Bench, m Model, change func(ctx context.Context, b Batch, images []int) error) Loss {
	return methods.Relabelled(ctx, b, m, change)
}

// Displacement makes a function that measures how far the session's paintings of forget images are from the original's, as
// a mean over the forget set, in the pixels' unit: what a problem's Lambda bounds.
func Displacement(ctx context.Context, p *Problem, s *Session) (func() (float64, error), error) {
	return methods.Displacement(ctx, p, s)
}

// Shuffled cuts a seeded permutation of images into batches, another one for every epoch: a phase's Batches.
func Shuffled(images []int, size int, seed uint64) func(epoch int) [][]int {
	return training.Shuffled(images, size, seed)
}
