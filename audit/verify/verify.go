package verify

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
)

// A Result is what came of verifying a report.
type Result struct {
	Verdicts, Claims int // recomputed
	Samples, Models  int // from which
	Differences      Differences
}

// Err is nil where the report follows from its samples, else all [Differences].
func (r Result) Err() error {
	if len(r.Differences) == 0 {
		return nil
	}
	return r.Differences
}

// String says in a sentence what was recomputed. It is true where Err is nil.
func (r Result) String() string {
	return fmt.Sprintf("%d verdicts and %d claims follow from %d stored samples of %d models. This recomputes the "+
		"judgement; it does not prove how the samples were taken.",
		r.Verdicts, r.Claims, r.Samples, r.Models)
}

// Dir verifies the report of a run folder. The error says why it could not be read
// or judged; what does not follow is in the result.
func Dir(dir string, set audit.Set[criteria.Criterion]) (Result, error) {
	rep, err := audit.Load(dir)
	if err != nil {
		return Result{}, err
	}
	res, err := Report(rep, set)
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w", dir, err)
	}
	return res, nil
}

// Report verifies a report with the criteria of set. An error means that it could
// not be judged: set lacks a criterion of the plan, or the plan is none that can
// be run.
func Report(rep *audit.Report, set audit.Set[criteria.Criterion]) (Result, error) {
	digest, err := rep.Plan.Digest()
	if err != nil {
		return Result{}, fmt.Errorf("the report's plan: %w", err)
	}
	if a := rep.Plan.Alpha; !(a > 0 && a < 0.5) {
		return Result{}, fmt.Errorf("the report's plan: alpha is %v: want an error rate between 0 and 0.5", a)
	}
	family, err := criteria.Of(rep.Plan, set)
	if err != nil {
		return Result{}, fmt.Errorf("the report's plan: %w: verify it with the version of lethe that wrote it (%s)", err, printable(rep.Version))
	}
	c := newChecker(rep)
	if digest != rep.Digest {
		c.add(Difference{Kind: Plan, Stored: rep.Digest, Recomputed: digest})
	}
	c.subjects()
	c.samples()
	c.costs()
	c.expected(family)
	again := criteria.Judge(family, c.judged(), rep.Level())
	c.verdicts(again)
	c.overall(again)
	c.among(criteria.Null(family, c.judged(), rep.Level()), criteria.OwnMargins(family, rep.Plan.Alpha))
	c.claims(again)
	return Result{
		Verdicts: len(again), Claims: len(rep.Plan.Claims), Samples: c.counted, Models: len(rep.Subjects), Differences: c.found,
	}, nil
}
