// Package training changes models step by step: phases of epochs over batches,
// with checkpoints from which an interrupted run goes on to the same bits.
package training

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

// ErrInterrupted is returned when the context ends; the work so far is in the
// checkpoint.
var ErrInterrupted = errors.New("interrupted")

// ErrDiverged is returned when a loss or gradient is not a finite number.
var ErrDiverged = errors.New("diverged")

// A Session is one model being changed. Its history is a sequence of units
// (epochs, mostly). A resumed session runs the same code again: units that the
// checkpoint has are skipped, decisions are answered from its journal, and at
// the checkpoint's unit the weights and the optimiser are restored.
type Session struct {
	Model    models.Model
	File     string        // checkpoint; none if empty
	Every    time.Duration // least time between two checkpoints
	Progress func(phase string, done, total int)
	// Precision is what phases compute losses in, with what they paint for them, and so gradients. Everything else that a
	// method computes (importances, displacements, bounds) is float32's.
	Precision audit.Precision
	// Dry counts what the work costs at most and changes nothing: phases are not run, and do not stop early; values are 0.
	Dry bool

	state  state // of the history so far
	resume *state
	units  int
	opt    *torch.Adam
	saved  time.Time
	begun  time.Time
}

// Open starts or resumes a session on a model whose weights are the starting
// point. A checkpoint that belongs to other work is an error.
func Open(m models.Model, file, key string, every time.Duration) (*Session, error) {
	s := &Session{Model: m, File: file, Every: every, saved: time.Now(), begun: time.Now()}
	s.state.Key = key
	s.state.Values = map[string]float64{}
	s.state.Stops = map[int]bool{}
	if file == "" {
		return s, nil
	}
	old, err := load(file)
	if err != nil {
		return nil, err
	}
	if old == nil {
		return s, nil
	}
	if old.Key != key {
		return nil, fmt.Errorf("checkpoint %s belongs to other work: delete it", file)
	}
	if err := old.check(m.Params().Layout().Size()); err != nil {
		return nil, fmt.Errorf("%s is damaged (%w): delete it", file, err)
	}
	s.resume = old
	return s, nil
}

// Close releases the optimiser. The model stays.
func (s *Session) Close() {
	s.opt.Free()
	s.opt = nil
}

// Finished reports whether the session got as far as its checkpoint had been. A
// course that ends earlier was run by other code than the one that wrote it.
func (s *Session) Finished() error {
	if s.resume != nil {
		return fmt.Errorf("checkpoint %s is ahead of the work: delete it and run again", s.File)
	}
	return nil
}

// Cost is what the session took, over all its runs.
func (s *Session) Cost() audit.Cost {
	c := s.state.Cost
	c.Seconds += time.Since(s.begun).Seconds()
	return c
}

// Looked counts images that were passed forward and backward outside of a phase.
func (s *Session) Looked(images int) {
	if !s.replaying() {
		s.state.Cost.Images += images
	}
}

// Curves are the series recorded along the history.
func (s *Session) Curves() []audit.Curve { return s.state.Curves }

// Record appends a point to a curve, at the number of epochs so far.
func (s *Session) Record(name string, y float64) {
	if s.replaying() {
		return
	}
	for i := range s.state.Curves {
		if c := &s.state.Curves[i]; c.Name == name {
			c.X, c.Y = append(c.X, float64(s.units)), append(c.Y, y)
			return
		}
	}
	s.state.Curves = append(s.state.Curves, audit.Curve{Name: name, X: []float64{float64(s.units)}, Y: []float64{y}})
}

// Value computes a number that the course of the session depends on. In a
// resumed session it is answered from the journal.
func (s *Session) Value(name string, f func() (float64, error)) (float64, error) {
	if s.Dry {
		return 0, nil
	}
	if s.resume != nil {
		if v, ok := s.resume.Values[name]; ok {
			return v, nil
		}
	}
	if v, ok := s.state.Values[name]; ok {
		return v, nil
	}
	v, err := f()
	if err != nil {
		return 0, err
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, fmt.Errorf("%w: %s is %v", ErrDiverged, name, v)
	}
	s.state.Values[name] = v
	return v, nil
}

func (s *Session) replaying() bool { return s.resume != nil && s.units < s.resume.Units }

// Unit runs one change of the weights that is neither repeated nor lost.
func (s *Session) Unit(ctx context.Context, f func() error) error {
	if s.Dry {
		return nil
	}
	if s.replaying() {
		return s.skip()
	}
	if err := f(); err != nil {
		return err
	}
	if err := s.finite(); err != nil {
		return err
	}
	return s.finish(ctx)
}

// skip counts a unit that the checkpoint has, and restores its state when it is
// the last one.
func (s *Session) skip() error {
	s.units++
	if s.units < s.resume.Units {
		return nil
	}
	s.state = *s.resume
	s.resume = nil
	if err := s.Model.Params().Set(s.state.weights); err != nil {
		return fmt.Errorf("restore %s: %w", s.File, err)
	}
	if (s.opt != nil) != (s.state.adam.M != nil) {
		return fmt.Errorf("restore %s: the optimiser's state is missing or too much: delete it", s.File)
	}
	if s.opt != nil {
		if err := s.opt.SetState(s.state.adam); err != nil {
			return fmt.Errorf("restore %s: %w: delete it", s.File, err)
		}
	}
	s.state.weights, s.state.adam = nil, torch.AdamState{}
	s.begun = time.Now()
	return nil
}

// finish counts a unit, and stores a checkpoint when one is due.
func (s *Session) finish(ctx context.Context) error {
	s.units++
	stopping := ctx.Err() != nil
	if s.File != "" && (stopping || time.Since(s.saved) >= s.Every) {
		if err := s.save(); err != nil {
			return err
		}
		s.saved = time.Now()
	}
	if stopping {
		return fmt.Errorf("%w: %w", ErrInterrupted, context.Cause(ctx))
	}
	return nil
}
