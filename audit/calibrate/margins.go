package calibrate

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
)

// A Point is the error rates when every margin of the plan is multiplied by Factor: what a stricter or a laxer
// auditor would have said about the same models.
type Point struct {
	Factor                    float64
	Honest, Dishonest, Beyond Line
}

// Factors of the margins, strict to lax.
var Factors = []float64{0.5, 0.7, 0.85, 1, 1.2, 1.5, 2}

// Audits are finished ones that are judged again.
type Audits struct {
	Worlds   []string // names
	Reports  []*audit.Report
	Criteria audit.Set[criteria.Criterion]
	Beyond   func(profile, kind string) bool
}

// Margins judges every report again with scaled margins.
func (a Audits) Margins(factors []float64) ([]Point, error) {
	var out []Point
	for _, f := range factors {
		t, err := a.again("", func(family []criteria.Named) ([]criteria.Named, error) {
			var err error
			for k := range family {
				err = errors.Join(err, criteria.Scale(family[k].Criterion, f))
			}
			return family, err
		})
		if err != nil {
			return nil, fmt.Errorf("margins times %v: %w", f, err)
		}
		out = append(out, Point{Factor: f, Honest: t.Honest, Dishonest: t.Dishonest, Beyond: t.Beyond})
	}
	return out, nil
}

// Profile judges every report again by a profile that the plan's own holds.
func (a Audits) Profile(name string) (Table, error) {
	t, err := a.again(name, func(family []criteria.Named) ([]criteria.Named, error) {
		return slices.DeleteFunc(family, func(c criteria.Named) bool {
			e, _ := a.Criteria.Find(c.Name)
			return !criteria.Within(name, e.Profile)
		}), nil
	})
	if err != nil {
		return t, fmt.Errorf("profile %s: %w", name, err)
	}
	return t, nil
}

// again judges every report by other criteria than it was judged by; profile is which they are, the plan's own if empty.
func (a Audits) again(profile string, change func([]criteria.Named) ([]criteria.Named, error)) (Table, error) {
	var runs []Run
	for i, r := range a.Reports {
		family, err := criteria.Of(r.Plan, a.Criteria)
		if err != nil {
			return Table{}, err
		}
		if family, err = change(family); err != nil {
			return Table{}, err
		}
		again := *r
		again.Verdicts = criteria.Judge(family, subjects(r), r.Level())
		runs = append(runs, Runs(a.Worlds[i], &again, func(kind string) bool { return a.Beyond(cmp.Or(profile, r.Plan.Profile), kind) })...)
	}
	return Tabulate(runs), nil
}

func subjects(r *audit.Report) []*audit.Subject {
	out := make([]*audit.Subject, len(r.Subjects))
	for i := range out {
		out[i] = &r.Subjects[i]
	}
	return out
}
