package reports

import (
	"slices"
	"strings"

	"github.com/lethe-audit/lethe/audit"
)

// NewVerdicts is the matrix of subjects and criteria. The overall outcome comes first: a wide matrix is cut into
// pieces, and the first piece must say how it ended.
func NewVerdicts(r *audit.Report) Table {
	t := Table{Title: "Verdicts"}
	var criteria []string
	for _, v := range r.Verdicts {
		if !slices.Contains(criteria, v.Criterion) {
			criteria = append(criteria, v.Criterion)
		}
	}
	t.Columns = append(t.Columns, Column{Head: "overall"}, Column{Head: "because it"})
	for _, c := range criteria {
		t.Columns = append(t.Columns, Column{Head: c})
	}
	for _, role := range []audit.Role{audit.RoleOriginal, audit.RoleMethod, audit.RoleControl} {
		for _, s := range r.Subjects {
			if s.Role != role {
				continue
			}
			row := Row{Name: s.Name, Role: s.Role, Error: s.Error}
			row.Cells = append(row.Cells, overall(r, row))
			found := r.Of(s.Name)
			row.Cells = append(row.Cells, because(audit.Faults(found)))
			for _, c := range criteria {
				o := audit.NotRun
				if i := slices.IndexFunc(found, func(v audit.Verdict) bool { return v.Criterion == c }); i >= 0 {
					o = found[i].Outcome
				}
				row.Cells = append(row.Cells, Cell{Text: short(o), Word: true})
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

// overall is the cell that says how a model ended.
func overall(r *audit.Report, row Row) Cell {
	if s, ok := r.Subject(row.Name); row.Error != "" && !(ok && s.Unfit) {
		return Cell{Text: "ERROR", Word: true}
	}
	return Cell{Text: short(audit.Overall(r.Of(row.Name))), Word: true}
}

// because says in few words what a FAIL shows.
func because(faults []audit.Fault) Cell {
	short := map[audit.Fault]string{audit.Remembers: "remembers", audit.GivesAway: "gives away", audit.Quality: "differs"}
	var words []string
	for _, f := range faults {
		words = append(words, short[f])
	}
	return Cell{Text: strings.Join(words, ", "), Word: true}
}

// short is an outcome in at most eight letters.
func short(o audit.Outcome) string {
	switch o {
	case audit.Inconclusive:
		return "INCONCL."
	case audit.NotApplicable:
		return "N/A"
	case audit.PassOwn:
		return "PASS OWN"
	}
	return o.String()
}
