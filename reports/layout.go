package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"github.com/lethe-audit/lethe/audit"
)

// A laidOut is a table as blocks of text: heads[c] and cells[r][c] hold the
// lines of a cell, all lines of a column equally wide.
type laidOut struct {
	table Table
	names []string // the first column
	heads [][]string
	cells [][][]string
	width []int
}

// layOut aligns a table's texts without knowing how wide the page is.
func layOut(t Table) laidOut {
	l := laidOut{table: t, cells: make([][][]string, len(t.Rows)), width: make([]int, len(t.Columns))}
	for i, row := range t.Rows {
		l.names = append(l.names, row.Name)
		l.cells[i] = make([][]string, len(t.Columns))
	}
	for c, col := range t.Columns {
		head := []string{"", col.Head, strings.TrimSpace(col.Sub + " " + arrow(col.Direction))}
		if c == 0 || t.Columns[c-1].Group != col.Group {
			head[0] = col.Group
		}
		l.heads = append(l.heads, head)
		// A range stands on two lines; all points of a column stand in one line.
		var texts []string
		for _, row := range t.Rows {
			cell := row.Cells[c]
			switch {
			case cell.To != "":
				texts = append(texts, cell.Text+"–", cell.To)
			case cell.Best:
				texts = append(texts, cell.Text+"*", "")
			default:
				texts = append(texts, cell.Text, "")
			}
		}
		texts = alignPoints(texts)
		for r, row := range t.Rows {
			l.cells[r][c] = texts[2*r : 2*r+1]
			if row.Cells[c].To != "" {
				l.cells[r][c] = texts[2*r : 2*r+2]
			}
			l.width[c] = max(l.width[c], widest(l.cells[r][c]))
		}
		l.width[c] = max(l.width[c], widest(head))
	}
	return l
}

// fit cuts the table into pieces at most width wide, each a list of columns.
// Groups stay together where one fits a page.
func (l laidOut) fit(width int) [][]int {
	cols := l.table.Columns
	used := func(set []int) int {
		n := l.nameWidth()
		for i, c := range set {
			n += l.width[c] + 1
			if i == 0 || cols[c].Group != cols[set[i-1]].Group {
				n += 2
			}
		}
		return n
	}
	var pieces [][]int
	var piece []int
	for from := 0; from < len(cols); {
		to := from + 1
		for to < len(cols) && cols[to].Group == cols[from].Group {
			to++
		}
		var group []int
		for c := from; c < to; c++ {
			group = append(group, c)
		}
		if len(piece) > 0 && used(append(append([]int{}, piece...), group...)) > width {
			pieces, piece = append(pieces, piece), nil
		}
		for _, c := range group {
			if len(piece) > 0 && used(append(append([]int{}, piece...), c)) > width {
				pieces, piece = append(pieces, piece), nil
			}
			piece = append(piece, c)
		}
		from = to
	}
	if len(piece) > 0 {
		pieces = append(pieces, piece)
	}
	return pieces
}

// nameWidth bounds the first column; longer names wrap.
func (l laidOut) nameWidth() int {
	return min(maxName, max(widest(l.names), len("Model")))
}

const maxName = 20

// write prints one piece of the table.
func (l laidOut) write(w io.Writer, set []int, paint func(string) string) error {
	cols := l.table.Columns
	head := make([]string, len(set)+1)
	rule := make([]string, len(set)+1)
	align := make([]tw.Align, len(set)+1)
	head[0], rule[0], align[0] = "\n\nModel", strings.Repeat("─", l.nameWidth()), tw.AlignLeft
	bar := make([]string, len(set))
	grouped := false
	for i, c := range set {
		if i == 0 || cols[c].Group != cols[set[i-1]].Group {
			bar[i] = "│ "
		}
		grouped = grouped || cols[c].Group != ""
		align[i+1] = tw.AlignRight
	}
	for i, c := range set {
		lines := append([]string{}, l.heads[c]...)
		if i == 0 {
			lines[0] = cols[c].Group // a group that goes on from the piece before
		}
		head[i+1] = block(lines, l.width[c], bar[i], 1)
		rule[i+1] = strings.Repeat("─", l.width[c])
		if bar[i] != "" {
			rule[i+1] = "┼─" + rule[i+1]
		}
	}
	if !grouped {
		head[0] = "Model"
		for i, c := range set {
			head[i+1] = block(l.heads[c][1:2], l.width[c], bar[i], 1)
		}
	}
	tb := tablewriter.NewTable(w, plain(align)...)
	tb.Header(head)
	var last audit.Role
	for r, row := range l.table.Rows {
		if r == 0 || section(row.Role) != section(last) {
			if err := tb.Append(rule); err != nil {
				return fmt.Errorf("lay out table: %w", err)
			}
		}
		last = row.Role
		if err := tb.Append(l.row(r, set, bar, paint)); err != nil {
			return fmt.Errorf("lay out table: %w", err)
		}
	}
	if err := tb.Render(); err != nil {
		return fmt.Errorf("lay out table: %w", err)
	}
	return nil
}

// section keeps the reference and the original together.
func section(r audit.Role) int {
	switch r {
	case audit.RoleMethod:
		return 1
	case audit.RoleControl:
		return 2
	}
	return 0
}

func (l laidOut) row(r int, set []int, bar []string, paint func(string) string) []string {
	name := wrap(l.names[r], l.nameWidth())
	height := len(name)
	for _, c := range set {
		height = max(height, len(l.cells[r][c]))
	}
	out := []string{strings.Join(name, "\n")}
	for i, c := range set {
		lines := append([]string{}, l.cells[r][c]...)
		for len(lines) < height {
			lines = append(lines, "")
		}
		left := 0
		if l.table.Rows[r].Cells[c].Word {
			left = 1
		}
		s := block(lines, l.width[c], bar[i], left)
		if cell := l.table.Rows[r].Cells[c]; cell.Word {
			s = strings.Replace(s, cell.Text, paint(cell.Text), 1)
		}
		out = append(out, s)
	}
	return out
}

// block sets lines to one width behind a bar: the first leftLines flush left, the
// others flush right.
func block(lines []string, width int, bar string, leftLines int) string {
	out := make([]string, len(lines))
	for i, s := range lines {
		gap := strings.Repeat(" ", max(0, width-runes(s)))
		if i < leftLines {
			out[i] = bar + s + gap
		} else {
			out[i] = bar + gap + s
		}
	}
	return strings.Join(out, "\n")
}

func plain(align []tw.Align) []tablewriter.Option {
	cell := tw.CellConfig{
		Padding:    tw.CellPadding{Global: tw.Padding{Left: "", Right: " ", Overwrite: true}},
		Alignment:  tw.CellAlignment{PerColumn: align},
		Formatting: tw.CellFormatting{AutoWrap: tw.WrapNone, AutoFormat: tw.Off},
	}
	return []tablewriter.Option{
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders: tw.BorderNone,
			Symbols: tw.NewSymbols(tw.StyleLight),
			Settings: tw.Settings{
				Separators: tw.Separators{BetweenColumns: tw.Off, BetweenRows: tw.Off},
				Lines:      tw.Lines{ShowHeaderLine: tw.Off, ShowTop: tw.Off, ShowBottom: tw.Off},
			},
		})),
		tablewriter.WithConfig(tablewriter.Config{Header: cell, Row: cell}),
		tablewriter.WithTrimSpace(tw.Off),
		tablewriter.WithTrimLine(tw.Off),
		tablewriter.WithHeaderAutoFormat(tw.Off), // after WithConfig, which resets it
	}
}
