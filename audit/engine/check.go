package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

// An Estimate is what a plan would cost, found without training it.
type Estimate struct {
	Retain, Forget, Poisoned, Test int           // images; the poisoned are among those to forget
	Unseen                         int           // set aside of the test images for methods that want some
	Weights                        int           // of one model
	PerStep                        time.Duration // of the original's training on one batch, as measured
	Batch                          int
	Peak                           int // most bytes that this process held up to then; 0 if the system does not say
	Workers                        int
	Cells                          []Work
}

// Work is what one model takes.
type Work struct {
	Name    string
	Images  int     // passed forward and backward, at most
	Seconds float64 // at the measured time of a step
	Unfit   string  // why the method cannot be run on this family of models, if so
}

// Training is the wall time of making all models if no worker ever waits. Attacks, metrics and pictures take more time
// on top.
func (e *Estimate) Training() time.Duration {
	var sum float64
	for _, w := range e.Cells {
		sum += w.Seconds
	}
	return time.Duration(sum / float64(e.Workers) * float64(time.Second))
}

// Memory is how many bytes one training needs for the weights, their gradient and Adam's two moments, in float32.
// Activations need more on top.
func (e *Estimate) Memory() int { return 4 * 4 * e.Weights }

// Check estimates what a plan costs, and writes nothing. It opens and splits the data, makes a model and times three
// training steps, of which the fastest counts. Methods are run dry: they count their images, and train nothing.
func Check(ctx context.Context, o Options) (*Estimate, error) {
	dev, err := torch.ParseDevice(o.Device)
	if err != nil {
		return nil, err
	}
	o.Events = func(Event) {}
	r := &run{Options: o, dev: dev, threads: 1, info: torch.Describe()}
	defer r.free()
	if err := r.prepare(ctx); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadPlan, err)
	}
	e := &Estimate{Batch: o.Plan.Train.Batch, Workers: min(2, runtime.NumCPU())}
	split := r.corpus.Split
	e.Retain, e.Forget, e.Poisoned, e.Test = len(split.Retain), len(split.Forget), len(split.Poisoned), len(split.Test)
	e.Unseen = len(split.Unseen)
	m, err := r.family.New(dev, r.corpus.Shape(), 1)
	if err != nil {
		return nil, err
	}
	defer m.Params().Free()
	if given := o.Plan.Original; given != nil {
		if err := models.Load(m, r.family, r.corpus.Shape(), given.Path, given.SHA256); err != nil {
			return nil, fmt.Errorf("%w: original: %w", ErrBadPlan, err)
		}
	}
	e.Weights = m.Params().Layout().Size()
	torch.SetThreads(1)
	if e.PerStep, err = r.timed(ctx, m); err != nil {
		return nil, err
	}
	e.Peak = peak()
	for _, c := range r.all() {
		w, err := r.counted(ctx, c, m)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
		w.Seconds = e.PerStep.Seconds() * float64(w.Images) / float64(e.Batch)
		e.Cells = append(e.Cells, w)
	}
	return e, nil
}

// timed returns the time of the fastest of three training steps on a full batch.
func (r *run) timed(ctx context.Context, m models.Model) (time.Duration, error) {
	all := r.corpus.All()
	images := make([]int, r.Plan.Train.Batch)
	for i := range images {
		images[i] = all[i%len(all)]
	}
	s, err := training.Open(m, "", "", -1)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	s.Precision = r.Plan.Train.Precision
	var took []time.Duration
	for range 3 {
		begun := time.Now()
		_, err := s.Run(ctx, training.Phase{
			Name: "check", Epochs: 1, LR: 1e-6, Batches: func(int) [][]int { return [][]int{images} },
			Loss: methods.Relabelled(ctx, corpus.NewBench(r.corpus), m, nil),
		})
		if err != nil {
			return 0, err
		}
		took = append(took, time.Since(begun))
	}
	return slices.Min(took), nil
}

// counted runs a cell's method dry, to count the images that it would train on.
func (r *run) counted(ctx context.Context, c *cell, m models.Model) (Work, error) {
	s, err := training.Open(m, "", "", -1)
	if err != nil {
		return Work{}, err
	}
	defer s.Close()
	s.Dry = true
	p := &methods.Problem{Bench: r.given(c), Train: r.Plan.Train, Original: m, Lambda: 1, Seed: c.seed}
	if c.base == nil {
		_, err = r.original(ctx, c, p, s)
	} else {
		_, err = c.method.Unlearn(ctx, p, s)
	}
	w := Work{Name: c.name, Images: s.Cost().Images}
	if errors.Is(err, methods.ErrUnfit) {
		w.Unfit, err = err.Error(), nil
	}
	return w, err
}
