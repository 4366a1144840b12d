package reports

import (
	"math"
	"slices"

	"github.com/lethe-audit/lethe/audit"
)

// A Table is the comparison of all subjects, one row each, with the retrained
// models' range as its first row. The formats lay it out; none recomputes it.
type Table struct {
	Title   string
	Columns []Column
	Rows    []Row
}

// A Row is one subject, or the range of the retrained models.
type Row struct {
	Name  string
	Role  audit.Role
	Cells []Cell // one for each column
	Error string // why there are no numbers
}

// A Cell is one number, range or word, ready to print.
type Cell struct {
	Text   string
	To     string  // upper end, if the cell is a range from Text
	Value  float64 // what Text rounds
	Filled bool    // Value was measured
	Best   bool    // the best method of the column; never a control, the original or a retrained model
	Word   bool    // Text is an outcome's name
}

// String is the cell on one line.
func (c Cell) String() string {
	if c.To != "" {
		return c.Text + "–" + c.To
	}
	return c.Text
}

// NewTable builds the comparison table with every column that has a number.
func NewTable(r *audit.Report) Table {
	t := Table{Title: "Comparison", Columns: columnsOf(r)}
	oracles := r.Oracles()
	if len(oracles) > 0 {
		t.Rows = append(t.Rows, referenceRow(t.Columns, oracles))
	}
	for _, role := range []audit.Role{audit.RoleOriginal, audit.RoleMethod, audit.RoleControl} {
		for i := range r.Subjects {
			if s := &r.Subjects[i]; s.Role == role {
				t.Rows = append(t.Rows, subjectRow(t.Columns, s))
			}
		}
	}
	for i := range t.Columns {
		t.markBest(i, centre(t.Columns[i], oracles))
	}
	t.addVerdicts(r)
	return t
}

func referenceRow(cols []Column, oracles []*audit.Subject) Row {
	row := Row{Name: "retrained (range)", Role: audit.RoleOracle, Cells: make([]Cell, len(cols))}
	for i, c := range cols {
		var vs []float64
		for _, o := range oracles {
			if v, ok := c.value(o); ok {
				vs = append(vs, v)
			}
		}
		if len(vs) == 0 {
			row.Cells[i] = Cell{Text: "n/a"}
			continue
		}
		lo, hi := number(slices.Min(vs)), number(slices.Max(vs))
		row.Cells[i] = Cell{Text: lo, Value: mean(vs), Filled: true}
		if hi != lo {
			row.Cells[i].To = hi
		}
	}
	return row
}

func subjectRow(cols []Column, s *audit.Subject) Row {
	row := Row{Name: s.Name, Role: s.Role, Error: s.Error, Cells: make([]Cell, len(cols))}
	for i, c := range cols {
		v, ok := c.value(s)
		switch {
		case s.Error != "":
		case ok:
			row.Cells[i] = Cell{Text: number(v), Value: v, Filled: true}
		case c.Group == "cost" && s.Cost.Elsewhere:
			row.Cells[i] = Cell{Text: dash}
		default:
			row.Cells[i] = Cell{Text: "n/a"}
		}
	}
	return row
}

// markBest marks the best of at least two methods, and all that print the same.
func (t *Table) markBest(col int, centre float64) {
	score := func(v float64) float64 { return math.Abs(v - centre) }
	switch t.Columns[col].Direction {
	case audit.Lower:
		score = func(v float64) float64 { return v }
	case audit.Higher:
		score = func(v float64) float64 { return -v }
	}
	best, methods := -1, 0
	for i, row := range t.Rows {
		if row.Role != audit.RoleMethod || !row.Cells[col].Filled {
			continue
		}
		methods++
		if s := score(row.Cells[col].Value); best < 0 || s < score(t.Rows[best].Cells[col].Value) {
			if !math.IsNaN(s) {
				best = i
			}
		}
	}
	if methods < 2 || best < 0 {
		return
	}
	text := t.Rows[best].Cells[col].Text
	for i := range t.Rows {
		if c := &t.Rows[i].Cells[col]; t.Rows[i].Role == audit.RoleMethod && c.Filled && c.Text == text {
			c.Best = true
		}
	}
}

func (t *Table) addVerdicts(r *audit.Report) {
	t.Columns = append(t.Columns, Column{Group: "verdict", Head: "overall", Main: true,
		Legend: "FAIL if any criterion fails, else INCONCLUSIVE if any is undecided, else PASS"})
	for i := range t.Rows {
		row := &t.Rows[i]
		c := Cell{}
		if row.Error != "" || row.Role != audit.RoleOracle {
			c = overall(r, *row)
		}
		row.Cells = append(row.Cells, c)
	}
}

// Pick keeps the columns for which keep is true.
func (t Table) Pick(keep func(Column) bool) Table {
	out := Table{Title: t.Title}
	for _, row := range t.Rows {
		out.Rows = append(out.Rows, Row{Name: row.Name, Role: row.Role, Error: row.Error})
	}
	for i, c := range t.Columns {
		if !keep(c) {
			continue
		}
		out.Columns = append(out.Columns, c)
		for j := range t.Rows {
			out.Rows[j].Cells = append(out.Rows[j].Cells, t.Rows[j].Cells[i])
		}
	}
	return out
}

// Only keeps the retrained models' row and those of the named subjects.
func (t Table) Only(names ...string) Table {
	out := Table{Title: t.Title, Columns: t.Columns}
	for _, row := range t.Rows {
		if row.Role == audit.RoleOracle || slices.Contains(names, row.Name) {
			out.Rows = append(out.Rows, row)
		}
	}
	return out
}

// Row finds a subject's row, for tests.
func (t Table) Row(name string) (Row, bool) {
	i := slices.IndexFunc(t.Rows, func(r Row) bool { return r.Name == name })
	if i < 0 {
		return Row{}, false
	}
	return t.Rows[i], true
}

// centre is the retrained models' mean, the target of a neutral column.
func centre(c Column, oracles []*audit.Subject) float64 {
	var vs []float64
	for _, o := range oracles {
		if v, ok := c.value(o); ok {
			vs = append(vs, v)
		}
	}
	if len(vs) == 0 {
		return math.NaN()
	}
	return mean(vs)
}

func mean(vs []float64) float64 {
	var sum float64
	for _, v := range vs {
		sum += v
	}
	return sum / float64(len(vs))
}
