package training

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
)

// A Phase is a stretch of training with one optimiser.
type Phase struct {
	Name   string
	Curve  string // name of the loss's curve; Name if empty
	Epochs int
	Until  int // epochs after which the phase ends, with its schedule unfinished; 0 for all
	// Batches lists an epoch's batches of image numbers.
	Batches func(epoch int) [][]int
	// Loss is the number to be lowered on one batch; salt is different in every step.
	Loss func(s *torch.Scope, batch []int, salt uint64) (*torch.Tensor, error)
	Seed uint64

	LR     float64
	Cosine bool // the rate falls to zero along a half cosine
	// Rate, in Cosine's place, is the share of LR by the share of all steps that is done.
	Rate  func(done float64) float64
	Decay float64   // of AdamW: every step first takes off the share lr·Decay of the weights
	Clip  float64   // largest gradient norm; 0 for none
	Mask  []float32 // of the gradient, 0 for weights that stay as they are; nil for none
	// Besides is the number of images in a step's loss that are not in its batch: cost.
	Besides int
	From    int // the stretch of weights to train; all if both are zero
	To      int
	// Step replaces Adam, where a method's theory is about plain gradient steps.
	Step func(s *torch.Scope, grad *torch.Tensor, lr float64) error
	// Stop is asked after every epoch whether the phase may end.
	Stop func() (bool, error)
}

// Run trains through a phase and returns the number of epochs it took.
func (s *Session) Run(ctx context.Context, ph Phase) (int, error) {
	if ph.From == 0 && ph.To == 0 {
		ph.To = s.Model.Params().Layout().Size()
	}
	if s.Dry {
		return s.count(ph), nil
	}
	s.opt.Free()
	s.opt = nil
	if ph.Step == nil {
		opt, err := torch.NewAdam(s.Model.Params(), ph.From, ph.To)
		if err != nil {
			return 0, err
		}
		s.opt = opt
	}
	steps := 0
	for e := range ph.Epochs {
		steps += len(ph.Batches(e))
	}
	done, last := 0, ph.last()
	for e := range last {
		batches := ph.Batches(e)
		if s.replaying() {
			done += len(batches)
			stop := s.resume.Stops[s.units+1]
			if err := s.skip(); err != nil {
				return e + 1, err
			}
			if stop {
				return e + 1, nil
			}
			continue
		}
		var sum float64
		for k, b := range batches {
			if ctx.Err() != nil && s.File == "" {
				return e, fmt.Errorf("%w: %w", ErrInterrupted, context.Cause(ctx))
			}
			lr := ph.LR
			if ph.Cosine {
				lr *= (1 + math.Cos(math.Pi*float64(done)/float64(steps))) / 2
			} else if ph.Rate != nil {
				lr *= ph.Rate(float64(done) / float64(steps))
			}
			loss, err := s.step(ph, b, audit.Seed(ph.Seed, ph.Name, "step", fmt.Sprint(e), fmt.Sprint(k)), lr)
			if err != nil {
				return e, fmt.Errorf("%s, epoch %d, step %d: %w", ph.Name, e+1, k+1, err)
			}
			sum += loss / float64(len(batches))
			done++
		}
		if err := s.finite(); err != nil {
			return e, fmt.Errorf("%s, epoch %d: %w; lower the learning rate %g", ph.Name, e+1, err, ph.LR)
		}
		s.Record("loss: "+cmp.Or(ph.Curve, ph.Name), sum)
		stop := false
		if ph.Stop != nil {
			var err error
			if stop, err = ph.Stop(); err != nil {
				return e + 1, err
			}
			if stop {
				s.state.Stops[s.units+1] = true
			}
		}
		if s.Progress != nil {
			s.Progress(ph.Name, e+1, last)
		}
		if err := s.finish(ctx); err != nil {
			return e + 1, err
		}
		if stop {
			return e + 1, nil
		}
	}
	return last, nil
}

// last is the number of epochs that are run.
func (ph Phase) last() int {
	if ph.Until > 0 {
		return min(ph.Until, ph.Epochs)
	}
	return ph.Epochs
}

// count adds up what a phase costs that does not stop early.
func (s *Session) count(ph Phase) int {
	for e := range ph.last() {
		for _, b := range ph.Batches(e) {
			s.state.Cost.Steps++
			s.state.Cost.Images += len(b) + ph.Besides
		}
	}
	return ph.last()
}

// step does one gradient step and returns the loss before it.
func (s *Session) step(ph Phase, batch []int, salt uint64, lr float64) (float64, error) {
	p := s.Model.Params()
	var value float64
	err := torch.With(p.Device(), func(sc *torch.Scope) error {
		var loss *torch.Tensor
		var err error
		sc.Products(s.Precision, func() { loss, err = ph.Loss(sc, batch, salt) })
		if err != nil {
			return err
		}
		grad := p.Gradient(sc, loss)
		value = sc.Item(sc.Detach(loss))
		if sc.Err() == nil && (math.IsNaN(value) || math.IsInf(value, 0)) {
			return fmt.Errorf("%w: the loss is %v; lower the learning rate %g", ErrDiverged, value, ph.LR)
		}
		if ph.Mask != nil {
			grad = sc.Mul(grad, sc.FromFloats(ph.Mask, int64(len(ph.Mask))))
		}
		if ph.Clip > 0 {
			var norm float64
			grad, norm = sc.ClipNorm(grad, ph.Clip)
			if sc.Err() == nil && (math.IsNaN(norm) || math.IsInf(norm, 0)) {
				return fmt.Errorf("%w: the gradient's norm is %v; lower the learning rate %g", ErrDiverged, norm, ph.LR)
			}
		}
		if ph.Step != nil {
			return ph.Step(sc, grad, lr)
		}
		if ph.Decay > 0 {
			s.opt.Decay(sc, lr*ph.Decay)
		}
		s.opt.Step(sc, grad, lr)
		return nil
	})
	s.state.Cost.Steps++
	s.state.Cost.Images += len(batch) + ph.Besides
	return value, err
}

// finite wants weights that are numbers.
func (s *Session) finite() error {
	p := s.Model.Params()
	var sum float64
	err := torch.With(p.Device(), func(sc *torch.Scope) error {
		sc.NoGrad(func() { sum = sc.Item(sc.Sum(p.Flat())) })
		return nil
	})
	if err == nil && (math.IsNaN(sum) || math.IsInf(sum, 0)) {
		err = fmt.Errorf("%w: the weights are not finite numbers", ErrDiverged)
	}
	return err
}
