package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/checkpoint"
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

	model models.Model // loaded when needed
}

// jobs lists the work: models, then their samples.
func (r *run) jobs() []job {
	var out []job
	var oracles []string
	for _, c := range r.oracles() {
		oracles = append(oracles, c.name)
	}
	for _, c := range r.cells {
		var after []string
		if c.role != audit.RoleOriginal && !c.method.Needs().Fresh {
			after = append(after, r.cells[0].name)
		}
		if c.method.Needs().Lambda {
			after = append(after, oracles...)
		}
		out = append(out, job{name: c.name, after: after, run: func(ctx context.Context) error { return r.make(ctx, c) }})
	}
	for _, c := range r.cells {
		out = append(out, job{name: c.name + " samples", after: append([]string{r.cells[0].name, c.name}, oracles...),
			run: func(ctx context.Context) error { return r.measure(ctx, c) }})
	}
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
		return nil
	}
	r.Events(Event{Cell: c.name, State: Planned})
	m, err := r.fresh(ctx, c)
	if err != nil {
		return err
	}
	res, err := r.unlearn(ctx, c, m, filepath.Join(dir, checkpointFile))
	switch {
	case errors.Is(err, training.ErrDiverged):
		m.Params().Free()
		res = &made{Cost: res.Cost, Curves: res.Curves, Error: err.Error()}
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
	if (c.role == audit.RoleOriginal || c.role == audit.RoleOracle) && res.Error != "" {
		return fmt.Errorf("training failed, and nothing can be audited without it: %s", res.Error)
	}
	return nil
}

// fresh is the model that a cell's method starts from.
func (r *run) fresh(ctx context.Context, c *cell) (models.Model, error) {
	m, err := r.family.New(r.dev, r.corpus.Shape(), audit.Seed(c.seed, "init"))
	if err != nil || c.role == audit.RoleOriginal || c.method.Needs().Fresh {
		return m, err
	}
	first, err := r.model(ctx, r.cells[0])
	if err != nil {
		return nil, err
	}
	return m, m.Params().Copy(first.Params())
}

func (r *run) unlearn(ctx context.Context, c *cell, m models.Model, file string) (*made, error) {
	p := &methods.Problem{Corpus: r.corpus, Train: r.Plan.Train, Seed: c.seed}
	if c.role != audit.RoleOriginal && !c.method.Needs().Fresh {
		first, err := r.model(ctx, r.cells[0])
		if err != nil {
			return nil, err
		}
		p.Original = first
	}
	if c.method.Needs().Lambda {
		l, err := r.calibrate(ctx)
		if err != nil {
			return nil, err
		}
		p.Lambda = l
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
	s.Progress = func(phase string, done, total int) {
		r.Events(Event{Cell: c.name, Phase: phase, Done: done, Total: total, State: Running})
	}
	var notes []string
	if c.role == audit.RoleOriginal {
		err = methods.TrainOriginal(ctx, p, s)
	} else {
		notes, err = c.method.Unlearn(ctx, p, s)
	}
	return &made{Cost: s.Cost(), Curves: s.Curves(), Notes: notes}, err
}

// calibrate is λ: the mean displacement of the oracles' paintings of the forget
// set from the original's.
func (r *run) calibrate(ctx context.Context) (float64, error) {
	r.ready.Lock()
	defer r.ready.Unlock()
	if r.lambda > 0 {
		return r.lambda, nil
	}
	b, err := r.corpus.Measuring(ctx, r.corpus.Split.Forget)
	if err != nil {
		return 0, err
	}
	paint := func(c *cell) ([]float32, error) {
		m, err := r.model(ctx, c)
		if err != nil {
			return nil, err
		}
		return r.corpus.Generate(ctx, m, b.View)
	}
	first, err := paint(r.cells[0])
	if err != nil {
		return 0, err
	}
	var sum float64
	for _, o := range r.oracles() {
		out, err := paint(o)
		if err != nil {
			return 0, err
		}
		sum += corpus.Mean(corpus.Displacement(first, out, b.View.Region, b.View.Size))
	}
	r.lambda = sum / float64(len(r.oracles()))
	return r.lambda, nil
}

// model is a finished cell's model.
func (r *run) model(_ context.Context, c *cell) (models.Model, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.made.model != nil {
		return c.made.model, nil
	}
	dir, err := r.store.cell(c.name, c.key)
	if err != nil {
		return nil, err
	}
	m, err := r.family.New(r.dev, r.corpus.Shape(), 0)
	if err != nil {
		return nil, err
	}
	if err := loadModel(filepath.Join(dir, modelFile), m, c.made.Digest); err != nil {
		m.Params().Free()
		return nil, err
	}
	c.made.model = m
	return m, nil
}

// saveModel writes a model's weights under their names.
func saveModel(file string, m models.Model) error {
	v, err := m.Params().Values()
	if err != nil {
		return err
	}
	arrays := map[string]checkpoint.Array{}
	for _, q := range m.Params().Layout() {
		arrays[q.Name] = checkpoint.Array{Shape: q.Shape, Values: v[q.Offset : q.Offset+q.Size()]}
	}
	return checkpoint.Save(file, arrays, map[string]string{"format": "pt"})
}

// loadModel reads weights and holds them to their digest.
func loadModel(file string, m models.Model, want audit.Digest) error {
	arrays, _, err := checkpoint.Load(file)
	if err != nil {
		return err
	}
	l := m.Params().Layout()
	v := make([]float32, l.Size())
	for _, q := range l {
		a, ok := arrays[q.Name]
		if !ok || len(a.Values) != q.Size() {
			return fmt.Errorf("%s: weight %s is missing or has another shape than %v: delete its folder and run again", file, q.Name, q.Shape)
		}
		copy(v[q.Offset:], a.Values)
	}
	if err := m.Params().Set(v); err != nil {
		return err
	}
	got, err := m.Params().Digest()
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("%s has digest %s, %s was recorded: it was changed; delete its folder and run again", file, got.Short(), want.Short())
	}
	return nil
}
