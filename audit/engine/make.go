package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

const (
	modelFile      = "model.safetensors"
	checkpointFile = "checkpoint.safetensors"
)

// made is the result of making a cell's model.
type made struct {
	Digest audit.Digest  `json:"digest"`
	Cost   audit.Cost    `json:"cost"`
	Curves []audit.Curve `json:"curves"`
	Notes  []string      `json:"notes"`
	Error  string        `json:"error"`
	Unfit  bool          `json:"unfit,omitempty"`

	model   models.Model // loaded when needed
	audited models.Model // what is audited: the model, or what a wrapper makes of it
}

// jobs lists the work: models, then their samples.
func (r *run) jobs() []job {
	var out []job
	var oracles []string
	for _, c := range r.oracles() {
		oracles = append(oracles, c.name)
	}
	for _, c := range longestFirst(r.all()) {
		var after []string
		if c.fromOriginal() {
			after = append(after, c.base.name)
		}
		if methods.NeedsOf(c.method).Lambda {
			after = append(after, lambdaJob)
		}
		out = append(out, job{name: c.name, cell: c, after: after, run: func(ctx context.Context) error { return r.make(ctx, c) }})
	}
	out = slices.Insert(out, 1+len(oracles), job{name: lambdaJob, after: append([]string{r.cells[0].name}, oracles...), run: r.findLambda})
	for _, c := range r.cells {
		out = append(out, job{name: c.name + " samples", cell: c, after: append([]string{r.cells[0].name, c.name}, oracles...),
			run: func(ctx context.Context) error { return r.measure(ctx, c) }})
		for i := range r.Plan.Attacks {
			out = append(out, r.attackJob(c, i, oracles))
		}
	}
	for _, c := range r.shadows {
		for i, it := range r.Plan.Attacks {
			if it.Kind == learned {
				out = append(out, r.attackJob(c, i, oracles))
			}
		}
	}
	return out
}

// longestFirst sorts the work. The original and the oracles come first, because others wait for them. Then come methods
// that train from scratch and those that wait for λ: begun late, a long one would keep a single worker busy at the end.
func longestFirst(cells []*cell) []*cell {
	class := func(c *cell) int {
		switch n := methods.NeedsOf(c.method); {
		case c.role == audit.RoleOriginal || c.role == audit.RoleOracle:
			return 0
		case n.Fresh || c.base == nil:
			return 1
		case n.Lambda:
			return 2
		}
		return 3
	}
	out := slices.Clone(cells)
	slices.SortStableFunc(out, func(a, b *cell) int { return class(a) - class(b) })
	return out
}

// make trains or unlearns a cell's model, unless it is finished. A diverging
// method ends its own cell only.
func (r *run) make(ctx context.Context, c *cell) error {
	dir, err := r.store.cell(c.name, c.key)
	if err != nil {
		return err
	}
	old, ok, err := load[made](dir, c.key)
	if err != nil {
		return err
	}
	if ok {
		c.made = &old
		r.Events(Event{Cell: c.name, State: Cached})
		return c.usable()
	}
	if err := r.missing(c); err != nil {
		return err
	}
	r.Events(Event{Cell: c.name, State: Planned})
	m, err := r.fresh(ctx, c)
	if err != nil {
		return err
	}
	res, err := r.unlearn(ctx, c, m, filepath.Join(dir, checkpointFile))
	if err == nil {
		err = r.probe(ctx, m)
	}
	switch {
	case errors.Is(err, training.ErrDiverged), errors.Is(err, methods.ErrUnfit):
		m.Params().Free()
		res = &made{Cost: res.Cost, Curves: res.Curves, Error: err.Error(), Unfit: errors.Is(err, methods.ErrUnfit)}
		r.Events(Event{Cell: c.name, State: Failed, Err: err})
	case err != nil:
		m.Params().Free()
		return err
	default:
		if res.Digest, err = m.Params().Digest(); err != nil {
			return err
		}
		if err := saveModel(filepath.Join(dir, modelFile), m); err != nil {
			return err
		}
		res.model = m
		r.Events(Event{Cell: c.name, State: Finished})
	}
	if err := finish(dir, c.key, res); err != nil {
		return err
	}
	c.made = res
	if err := os.Remove(filepath.Join(dir, checkpointFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove checkpoint: %w", err)
	}
	return c.usable()
}

// usable returns an error if the cell failed and nothing can be audited without it.
func (c *cell) usable() error {
	if (c.base == nil || c.role == audit.RoleOracle) && c.made.Error != "" {
		return fmt.Errorf("training failed, and nothing can be audited without it: %s", c.made.Error)
	}
	return nil
}

// fresh is the model that a cell's method starts from.
func (r *run) fresh(ctx context.Context, c *cell) (models.Model, error) {
	m, err := r.family.New(r.dev, r.corpus.Shape(), audit.Seed(c.seed, "init"))
	if err != nil || c.base == nil || methods.NeedsOf(c.method).Fresh {
		return m, err
	}
	first, err := r.model(c.base)
	if err != nil {
		return nil, err
	}
	return m, m.Params().Copy(first.Params())
}

func (r *run) unlearn(ctx context.Context, c *cell, m models.Model, file string) (*made, error) {
	p, err := r.problem(c)
	if err != nil {
		return nil, err
	}
	every := r.Checkpoint
	if every == 0 {
		every = 5 * time.Second
	}
	s, err := training.Open(m, file, string(c.key), every)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	s.Precision = r.Plan.Train.Precision
	s.Progress = func(phase string, done, total int) {
		r.Events(Event{Cell: c.name, Phase: phase, Done: done, Total: total, State: Running})
	}
	var notes []string
	if c.base == nil {
		notes, err = r.original(ctx, c, p, s)
		if f, ok := r.family.(models.Sharing); ok && f.Shared() != "" {
			notes = append(notes, f.Shared())
		}
	} else {
		notes, err = c.method.Unlearn(ctx, p, s)
	}
	if err == nil {
		err = s.Finished()
	}
	if c.item.Retain == "proxy" {
		notes = append(notes, fmt.Sprintf("it was given %d images that no model was trained on in the place of the retained ones",
			len(r.corpus.Split.Proxy)))
	}
	return &made{Cost: s.Cost(), Curves: s.Curves(), Notes: notes}, err
}

// given returns the images that a cell's method may look at.
func (r *run) given(c *cell) *corpus.Bench {
	if c.item.Retain == "proxy" {
		return corpus.NewBench(r.corpus.Proxied())
	}
	return corpus.NewBench(r.corpus)
}

// original trains an original, or reads the plan's from a file.
func (r *run) original(ctx context.Context, c *cell, p *methods.Problem, s *training.Session) ([]string, error) {
	if c.role != audit.RoleOriginal {
		return nil, methods.TrainOriginal(ctx, p, s)
	}
	const word = "; nobody checked that it was trained on these images, and in the way of the retrained models: if it was " +
		"not, it does not FAIL, and nothing can PASS"
	if given := r.Plan.Original; given != nil {
		note := fmt.Sprintf("not trained here: its weights are those of %s (sha256 %s)%s", filepath.Base(given.Path), given.SHA256, word)
		return []string{note}, s.Unit(ctx, func() error { return p.Load(s.Model, given.Path, given.SHA256) })
	}
	if f, ok := r.pretrained(); ok {
		w, err := f.Original()
		if err != nil {
			return nil, err
		}
		return []string{"not trained here: its weights are those of the plan's model file" + word}, s.Unit(ctx,
			func() error { return s.Model.Params().Set(w) })
	}
	return nil, methods.TrainOriginal(ctx, p, s)
}

// problem puts together all that a cell's method is given.
func (r *run) problem(c *cell) (*methods.Problem, error) {
	p := &methods.Problem{Bench: r.given(c), Train: r.Plan.Train, Seed: c.seed, Fresh: func() (models.Model, error) {
		return r.family.New(r.dev, r.corpus.Shape(), audit.Seed(c.seed, "fresh"))
	}, Load: func(m models.Model, path, sum string) error {
		return models.Load(m, r.family, r.corpus.Shape(), path, sum)
	}}
	if r.secret != nil {
		p.Secret = r.secret.For(c.key)
	}
	if c.fromOriginal() {
		first, err := r.model(c.base)
		if err != nil {
			return nil, err
		}
		p.Original = first
	}
	if methods.NeedsOf(c.method).Lambda {
		p.Lambda = r.lambda
	}
	return p, nil
}

// model is a finished cell's model as it is audited.
func (r *run) model(c *cell) (models.Model, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.made.audited != nil {
		return c.made.audited, nil
	}
	if err := r.load(c); err != nil {
		return nil, err
	}
	m, err := r.wrapped(c)
	if err != nil {
		return nil, err
	}
	c.made.audited = m
	return m, nil
}

// load reads a finished cell's weights, unless they are in memory.
func (r *run) load(c *cell) error {
	if c.made.model != nil {
		return nil
	}
	dir, err := r.store.cell(c.name, c.key)
	if err != nil {
		return err
	}
	m, err := r.family.New(r.dev, r.corpus.Shape(), 0)
	if err != nil {
		return err
	}
	if err := loadModel(filepath.Join(dir, modelFile), m, c.made.Digest); err != nil {
		m.Params().Free()
		return err
	}
	c.made.model = m
	return nil
}
