package reports

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/lethe-audit/lethe/audit"
)

// LaTeX writes the tables as fragments for a paper that loads booktabs. Wide
// ones split by groups; all rows repeat the model's name.
func LaTeX(w io.Writer, r *audit.Report) error {
	d := NewDocument(r)
	b := bufio.NewWriter(w)
	l := &latex{w: b}
	l.print("%% %s. Needs \\usepackage{booktabs}.\n", latexComment(d.Title))
	for _, e := range d.Provenance {
		l.print("%% %s: %s\n", e.Term, latexComment(e.Text))
	}
	l.table(d.Main, "main", "Bold: best method of its column; first row: range of the models retrained without the images "+
		"to forget. $\\downarrow$ lower, $\\uparrow$ higher, $\\approx$ closer to the retrained models is better.")
	l.table(d.Verdicts, "verdicts", "A PASS reads: "+LimitRule+", the margin declared in the plan.")
	l.table(d.Attacks, "attacks", "Closer to the retrained models (first rows) is better.")
	l.table(d.Further, "further", "")
	if len(d.Errors) > 0 {
		l.print("\n%% Errors\n")
		for _, e := range d.Errors {
			l.print("%% %s: %s\n", latexComment(e.Term), latexComment(e.Text))
		}
	}
	if l.err == nil {
		l.err = b.Flush()
	}
	if l.err != nil {
		return fmt.Errorf("render latex: %w", l.err)
	}
	return nil
}

// latexWidth is how many characters of \small type fit a text block, about.
const latexWidth = 125

type latex struct {
	w   io.Writer
	err error
}

func (l *latex) print(format string, args ...any) {
	if l.err == nil {
		_, l.err = fmt.Fprintf(l.w, format, args...)
	}
}

func (l *latex) table(t Table, label, note string) {
	for i, set := range layOut(t).fit(latexWidth) {
		name := label
		if i > 0 {
			name = fmt.Sprintf("%s-%d", label, i+1)
		}
		l.print("\n\\begin{table}\n\\centering\\small\n\\caption{%s. %s}\\label{tab:lethe-%s}\n", latexEscape(t.Title), note, name)
		l.piece(t, set)
		l.print("\\end{table}\n")
	}
}

func (l *latex) piece(t Table, set []int) {
	spec := "l"
	for _, c := range set {
		if t.Columns[c].Direction == "" {
			spec += "l"
		} else {
			spec += "r"
		}
	}
	l.print("\\begin{tabular}{%s}\n\\toprule\n", spec)
	l.groups(t, set)
	l.print("Model")
	for _, c := range set {
		l.print(" & %s", latexEscape(t.Columns[c].heading()))
	}
	l.print(" \\\\\n")
	var last audit.Role
	for i, row := range t.Rows {
		if i == 0 || section(row.Role) != section(last) {
			l.print("\\midrule\n")
		}
		last = row.Role
		l.print("%s", latexEscape(row.Name))
		for _, c := range set {
			s := latexEscape(row.Cells[c].String())
			if row.Cells[c].Best {
				s = "\\textbf{" + s + "}"
			}
			l.print(" & %s", s)
		}
		l.print(" \\\\\n")
	}
	l.print("\\bottomrule\n\\end{tabular}\n")
}

// groups writes the spanning headings and the rules under them.
func (l *latex) groups(t Table, set []int) {
	var heads, rules []string
	for i := 0; i < len(set); {
		j := i
		for j < len(set) && t.Columns[set[j]].Group == t.Columns[set[i]].Group {
			j++
		}
		group := t.Columns[set[i]].Group
		heads = append(heads, fmt.Sprintf("\\multicolumn{%d}{c}{%s}", j-i, latexEscape(group)))
		if group != "" {
			rules = append(rules, fmt.Sprintf("\\cmidrule(lr){%d-%d}", i+2, j+1))
		}
		i = j
	}
	if len(rules) > 0 {
		l.print(" & %s \\\\\n%s\n", strings.Join(heads, " & "), strings.Join(rules, ""))
	}
}

var latexEscaper = strings.NewReplacer(
	`\`, `\textbackslash{}`, "{", `\{`, "}", `\}`, "$", `\$`, "&", `\&`, "#", `\#`, "%", `\%`, "_", `\_`,
	"^", `\textasciicircum{}`, "~", `\textasciitilde{}`, "<", `\textless{}`, ">", `\textgreater{}`, "\"", "''",
	"↓", `$\downarrow$`, "↑", `$\uparrow$`, "≈", `$\approx$`, "×", `$\times$`, "±", `$\pm$`, "−", `$-$`, "–", "--", "—", "---",
	"…", `\dots{}`, "λ", `$\lambda$`, "ε", `$\varepsilon$`, "δ", `$\delta$`, "“", "``", "”", "''", "\n", " ", "\r", " ")

func latexEscape(s string) string { return latexEscaper.Replace(s) }

// latexComment keeps a text on its comment line.
func latexComment(s string) string { return strings.NewReplacer("\n", " ", "\r", " ").Replace(s) }
