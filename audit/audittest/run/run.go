// Package run runs an audit in go test, and hands its report to the assertions of
// package audittest:
//
//	func TestForgets(t *testing.T) {
//		a := run.Plan(t, "unlearning.yml")
//		a.Holds()
//		a.Passes("our-method").Fails("fine-tune", "membership")
//	}
//
// The first run trains; what it made is kept in the user's cache folder, so that
// the next one takes seconds, and an interrupted one goes on. Running needs
// libtorch and cgo; asserting on a finished run with [audittest.Load] does not,
// which is why this is a package of its own.
package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/audittest"
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/engine"
	"github.com/lethe-audit/lethe/audit/planfile"
)

// An Option changes where or what Plan runs.
type Option func(*options)

type options struct {
	dir      string
	fresh    bool
	settings []string
	jobs     int
	cat      *catalogue.Catalogue
}

// In keeps the run in a folder instead of the user's cache.
func In(dir string) Option { return func(o *options) { o.dir = dir } }

// Fresh runs in a temporary folder: everything is made anew.
func Fresh() Option { return func(o *options) { o.fresh = true } }

// Set changes values of the plan, as `lethe audit --set key=value` does.
func Set(settings ...string) Option {
	return func(o *options) { o.settings = append(o.settings, settings...) }
}

// Jobs is how many models are made at a time; see [engine.Options].
func Jobs(n int) Option { return func(o *options) { o.jobs = n } }

// With runs plans that name items of a catalogue; without it they name those that come with Lethe.
func With(cat *catalogue.Catalogue) Option { return func(o *options) { o.cat = cat } }

// Plan runs the plan at a path, or an embedded one by its name, and returns its
// audit for assertions. Paths within the plan are relative to the test's folder,
// where go test runs it.
//
// A plan that is wrong and a run that breaks end the test. So does the test's
// deadline, shortly before it: what is done is kept, and the next run goes on. A
// test that runs the same plan at the same time is waited for.
func Plan(t testing.TB, plan string, opts ...Option) *audittest.Audit {
	t.Helper()
	o := options{cat: catalogue.Default()}
	for _, f := range opts {
		f(&o)
	}
	p, err := planfile.Read(o.cat, plan, o.settings...)
	require.NoError(t, err)
	dir, err := o.folder(t, p)
	require.NoError(t, err)
	ctx, cancel := bounded(t)
	defer cancel()
	rep, err := patient(ctx, engine.Options{Plan: p, Catalogue: o.cat, Dir: dir, Jobs: o.jobs, Version: "in go test", Events: tell(t)})
	if errors.Is(err, engine.ErrInterrupted) && !o.fresh {
		require.FailNow(t, fmt.Sprintf("the audit %s was not finished in the test's time; what is done is kept in %s: run the "+
			"test again to go on, or give it more with -timeout", p.Name, dir))
	}
	require.NoError(t, err)
	return audittest.Of(t, rep)
}

// folder is where the run is kept.
func (o *options) folder(t testing.TB, p audit.Plan) (string, error) {
	switch {
	case o.fresh:
		return filepath.Join(t.TempDir(), p.Name), nil
	case o.dir != "":
		return o.dir, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder to keep the run in (%w): name one with run.In, or use run.Fresh", err)
	}
	digest, err := p.Digest()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "lethe", "audittest", p.Name+"-"+digest.Short()), nil
}

// bounded ends before the test's deadline, early enough for a last checkpoint.
func bounded(t testing.TB) (context.Context, context.CancelFunc) {
	limited, ok := t.(interface{ Deadline() (time.Time, bool) })
	if !ok {
		return context.WithCancel(t.Context())
	}
	end, ok := limited.Deadline()
	if !ok {
		return context.WithCancel(t.Context())
	}
	margin := min(max(time.Until(end)/10, 2*time.Second), time.Minute)
	return context.WithDeadline(t.Context(), end.Add(-margin))
}

// patient waits for a run by somebody else in the same folder.
func patient(ctx context.Context, o engine.Options) (*audit.Report, error) {
	for {
		rep, err := engine.Run(ctx, o)
		if !errors.Is(err, engine.ErrInUse) {
			return rep, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", engine.ErrInterrupted, err)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// tell logs what is made.
func tell(t testing.TB) func(engine.Event) {
	return func(e engine.Event) {
		switch e.State {
		case engine.Finished:
			t.Logf("%s: done", e.Cell)
		case engine.Failed:
			t.Logf("%s: ERROR: %v", e.Cell, e.Err)
		}
	}
}
