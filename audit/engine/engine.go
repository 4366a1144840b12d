// Package engine runs audits: from a plan to cells, from cells to samples, from
// samples to verdicts.
package engine

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"time"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/internal/training"
)

// ErrInterrupted is returned when the context ended; the same call goes on where
// this one stopped.
var ErrInterrupted = training.ErrInterrupted

// ErrBadPlan is returned when the plan does not fit its data, before anything was
// trained.
var ErrBadPlan = errors.New("the plan cannot be run")

// ErrInUse is returned when somebody else is running in the folder.
var ErrInUse = errors.New("it is in use by another lethe: wait for it, or give another folder with --out")

// Options say how to run a plan. They do not change what it finds, down to the last
// bit, with one exception: the number of threads a model changes the order of sums,
// and is part of every cell's key.
type Options struct {
	Plan       audit.Plan
	Catalogue  *catalogue.Catalogue // of the plan's items
	Dir        string               // run folder
	Device     string               // cpu (default), cuda, cuda:n, auto
	Jobs       int                  // models at a time, one thread each; 1 for one on all cores; 0 for as many as cores, at most 2
	Checkpoint time.Duration        // least time between two checkpoints of a model; 0 for 5 s, negative for every epoch
	Events     func(Event)          // progress; may be nil
	Version    string               // of the program, for the report
}

// An Event tells progress. Events come from several goroutines.
type Event struct {
	Cell        string
	Models      int // of the audit
	Phase       string
	Done, Total int
	State       State
	Err         error
}

// State of a cell.
type State int

// The states of an event's cell.
const (
	Planned State = iota // a cell that will be run
	Running              // an epoch is done
	Cached               // the cell was finished before
	Finished
	Failed // the cell ended with an error that the report tells
)

// Run runs a plan and returns its report, which is also written to the folder.
// Finished cells are never run twice; interrupted ones go on from their last
// checkpoint.
func Run(ctx context.Context, o Options) (*audit.Report, error) {
	digest, err := o.Plan.Digest()
	if err != nil {
		return nil, err
	}
	r, workers, err := newRun(o)
	if err != nil {
		return nil, err
	}
	defer r.free()
	rep, err := r.open(ctx, digest, workers)
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("%w; run the same command again to go on", ErrInterrupted)
	}
	if err != nil {
		return nil, err
	}
	return rep, nil
}

// open checks that the plan can be run before it writes anything. Otherwise a plan
// with a wrong path to the data would own the folder, and the mended one be refused.
func (r *run) open(ctx context.Context, digest audit.Digest, workers int) (*audit.Report, error) {
	if _, err := claimed(r.Dir, r.Plan, digest); err != nil {
		return nil, err
	}
	if err := r.prepare(ctx); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadPlan, err)
	}
	st, err := openStore(r.Dir, r.Plan, digest)
	if err != nil {
		return nil, err
	}
	r.store = st
	n, err := looked(r.Dir)
	if err != nil {
		return nil, errors.Join(err, st.close())
	}
	r.look = n + 1
	rep, err := r.audit(ctx, digest, workers)
	return rep, errors.Join(err, st.close())
}

// audit is the rest of Run, once everything is open.
func (r *run) audit(ctx context.Context, digest audit.Digest, workers int) (*audit.Report, error) {
	if err := r.manifest.Write(filepath.Join(r.Dir, manifestFile)); err != nil {
		return nil, fmt.Errorf("run folder: %w", err)
	}
	events := r.Events
	r.Events = func(e Event) {
		e.Models = len(r.all())
		events(e)
	}
	if err := r.suffice(ctx, workers); err != nil {
		return nil, err
	}
	if err := schedule(ctx, r.jobs(), workers, r.threads); err != nil {
		return nil, err
	}
	rep, err := r.report(digest, r.subjects(r.cells), r.subjects(r.shadows))
	if err != nil {
		return nil, err
	}
	if err := r.pictures(ctx, rep); err != nil {
		return nil, err
	}
	return rep, writeJSON(filepath.Join(r.Dir, audit.ReportFile), rep)
}

// report judges the subjects.
func (r *run) report(digest audit.Digest, subjects, shadows []*audit.Subject) (*audit.Report, error) {
	family, err := criteria.Of(r.Plan, r.Catalogue.Criteria)
	if err != nil {
		return nil, err
	}
	for _, s := range subjects {
		if s.Error == "" {
			if err := r.statistics(s, subjects, shadows); err != nil {
				return nil, err
			}
		}
	}
	rep := &audit.Report{
		Schema: audit.Schema, Plan: r.Plan, Digest: digest, Version: r.Version, Code: r.code, Lambda: r.lambda,
		Runtime: audit.Runtime{Libtorch: r.info.Libtorch, BLAS: r.info.BLAS, Device: r.dev.String(), Threads: r.threads,
			Go: runtime.Version(), CPU: r.info.CPU, Kernels: r.info.Kernels.String(), Arch: runtime.GOARCH},
		Quantities: r.Catalogue.Quantities(r.Plan),
		Data: audit.DataSummary{
			Name: r.corpus.Train.Name(), Manifest: r.data, Size: r.corpus.Size(), Retain: len(r.corpus.Split.Retain),
			Forget:   len(r.corpus.Split.Forget) - len(r.corpus.Split.Poisoned),
			Poisoned: len(r.corpus.Split.Poisoned), Test: len(r.corpus.Split.Test),
			Unseen: len(r.corpus.Split.Unseen),
		},
		Verdicts: criteria.Judge(family, subjects, r.level()),
		Null:     criteria.Null(family, subjects, r.level()),
		Own:      criteria.OwnMargins(family, r.Plan.Alpha),
	}
	rep.Expected = r.expected
	if r.look > 1 {
		rep.Look = r.look
	}
	if y := r.Plan.Yardstick; y != nil && r.expected < y.Until {
		rep.Warnings = append(rep.Warnings, fmt.Sprintf("an honest model is expected to PASS with probability %.2f only, for %.2f asked for: "+
			"the "+
			"plan's %d retrained models at most do not suffice; `lethe plan power` on the run folder says what would",
			r.expected, y.Until, len(r.oracles())))
	}
	for _, s := range subjects {
		rep.Subjects = append(rep.Subjects, *s)
	}
	for _, s := range shadows {
		rep.Shadows = append(rep.Shadows, *s)
	}
	for _, c := range r.Plan.Claims {
		rep.Claims = append(rep.Claims, c.Check(rep.Verdicts))
	}
	return rep, nil
}
