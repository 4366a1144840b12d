package engine

import (
	"context"
	"fmt"
	"runtime"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/internal/torch"
)

// Keys are what the results of a plan are kept under. Whatever a result depends on is in its key: equal keys are equal
// results, to the bit.
type Keys struct {
	Models  map[string]audit.Digest            // by the model's name in the report
	Metrics map[string]audit.Digest            // by model: of all metrics' samples together
	Attacks map[string]map[string]audit.Digest // by model, then by attack
	Report  audit.Digest                       // of all code that the report depends on, as in [audit.Report.Code]
}

// KeysOf lays a plan out on its data, as [Run] does with the same options, and returns the keys of its results: nothing
// is trained, and nothing is written. A plan that does not fit its data is an [ErrBadPlan].
func KeysOf(ctx context.Context, o Options) (*Keys, error) {
	r, _, err := newRun(o)
	if err != nil {
		return nil, err
	}
	defer r.free()
	if err := r.prepare(ctx); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadPlan, err)
	}
	k := &Keys{Models: map[string]audit.Digest{}, Metrics: map[string]audit.Digest{},
		Attacks: map[string]map[string]audit.Digest{}, Report: r.code}
	for _, c := range r.all() {
		k.Models[c.name], k.Metrics[c.name], k.Attacks[c.name] = c.key, c.measured, map[string]audit.Digest{}
		for i, it := range o.Plan.Attacks {
			k.Attacks[c.name][it.Name()] = c.attacked[i]
		}
	}
	return k, nil
}

// newRun is a run of the options before anything is opened, and the number of its workers.
func newRun(o Options) (*run, int, error) {
	dev, err := torch.ParseDevice(o.Device)
	if err != nil {
		return nil, 0, err
	}
	if o.Events == nil {
		o.Events = func(Event) {}
	}
	if o.Jobs < 0 {
		return nil, 0, fmt.Errorf("%w: %d models at a time: want 1 or more, or 0 for as many as there are cores", ErrBadPlan, o.Jobs)
	}
	workers, threads := o.Jobs, 1
	if workers == 0 {
		workers = min(2, runtime.NumCPU())
	}
	if workers == 1 {
		threads = runtime.NumCPU()
	}
	return &run{Options: o, dev: dev, threads: threads, info: torch.Describe()}, workers, nil
}

// Codes are the digests of the code of a catalogue's items, by their sort and name ("method fine-tune"): of all that an
// item reaches, other modules' versions among it. Each changes with what the item is made of, and with nothing else.
func Codes(cat *catalogue.Catalogue) (map[string]audit.Digest, error) {
	c, err := newCoder(cat)
	if err != nil {
		return nil, err
	}
	out := map[string]audit.Digest{}
	for _, err := range []error{
		codes(c, out, "method", cat.Methods), codes(c, out, "method", cat.Gallery), codes(c, out, "attack", cat.Attacks),
		codes(c, out, "metric", cat.Metrics), codes(c, out, "criterion", cat.Criteria), codes(c, out, "family", cat.Families),
		codes(c, out, "task", cat.Tasks), codes(c, out, "data", cat.Data), codes(c, out, "features", cat.Features),
	} {
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func codes[T any](c *coder, out map[string]audit.Digest, sort string, set audit.Set[T]) error {
	for _, e := range set {
		d, err := c.digest(nil, e.New)
		if err != nil {
			return fmt.Errorf("%s %s: %w", sort, e.Name, err)
		}
		out[sort+" "+e.Name] = d
	}
	return nil
}
