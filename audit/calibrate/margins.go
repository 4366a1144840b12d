package calibrate

import (
	"errors"
	"fmt"

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

// Margins judges every report again with scaled margins. decode makes the criteria of a plan, as the engine does.
func Margins(worlds []string, reports []*audit.Report, factors []float64, decode func(audit.Plan) ([]criteria.Named, error),
	beyond func(kind string) bool) ([]Point, error) {
	var out []Point
	for _, f := range factors {
		var runs []Run
		for i, r := range reports {
			p := r.Plan
			family, err := decode(p)
			for k := range family {
				err = errors.Join(err, criteria.Scale(family[k].Criterion, f))
			}
			if err != nil {
				return nil, fmt.Errorf("margins times %v: %w", f, err)
			}
			again := *r
			again.Verdicts = criteria.Judge(family, subjects(r), p.Alpha)
			runs = append(runs, Runs(worlds[i], &again, beyond)...)
		}
		t := Tabulate(runs)
		out = append(out, Point{Factor: f, Honest: t.Honest, Dishonest: t.Dishonest, Beyond: t.Beyond})
	}
	return out, nil
}

func subjects(r *audit.Report) []*audit.Subject {
	out := make([]*audit.Subject, len(r.Subjects))
	for i := range out {
		out[i] = &r.Subjects[i]
	}
	return out
}
