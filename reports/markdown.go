package reports

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"github.com/lethe-audit/lethe/audit"
)

// Markdown writes the report as GitHub-flavoured Markdown. Nothing that a plan or
// a model says can become markup.
func Markdown(w io.Writer, r *audit.Report) error {
	d := NewDocument(r)
	m := &markdown{w: bufio.NewWriter(w)}
	m.print("# %s\n\n", markdownEscape(d.Title))
	for _, s := range d.Lead {
		m.print("%s  \n", markdownEscape(s))
	}
	m.table(d.Main)
	m.print("**Bold** is the best method of its column. The first row is the yardstick: the range of the models retrained "+
		"without the images to forget. %s\n", markdownEscape(arrowsExplained))
	m.entries("Errors", d.Errors)
	m.table(d.Verdicts)
	m.reasons("Why: every FAIL and every undecided verdict", d.Reasons, d.Numbers)
	m.reasons("What each PASS says", d.Passes, "")
	m.entries("Claims of the plan", d.Claims)
	m.list("What is not concluded", d.Limits)
	m.table(d.Attacks)
	m.entries("Tests of the attacks", d.Answers)
	m.table(d.Further)
	m.entries("How to read the columns", d.Legend)
	m.list("Warnings", d.Warnings)
	m.entries("Notes", d.Notes)
	m.entries("Provenance", d.Provenance)
	if m.err == nil {
		m.err = m.w.Flush()
	}
	if m.err != nil {
		return fmt.Errorf("render markdown: %w", m.err)
	}
	return nil
}

type markdown struct {
	w   *bufio.Writer
	err error
}

func (m *markdown) print(format string, args ...any) {
	if m.err == nil {
		_, m.err = fmt.Fprintf(m.w, format, args...)
	}
}

// table writes one piped table; Markdown knows no groups, so a heading carries
// its group.
func (m *markdown) table(t Table) {
	if m.err != nil || len(t.Columns) == 0 {
		return
	}
	m.print("\n## %s\n\n", markdownEscape(t.Title))
	head, align := []string{"Model"}, []tw.Align{tw.AlignLeft}
	for _, c := range t.Columns {
		head = append(head, markdownEscape(strings.TrimSpace(c.Group+" "+c.heading())))
		if c.Direction == "" {
			align = append(align, tw.AlignLeft)
		} else {
			align = append(align, tw.AlignRight)
		}
	}
	var b strings.Builder
	cell := tw.CellConfig{
		Alignment:  tw.CellAlignment{PerColumn: align},
		Formatting: tw.CellFormatting{AutoWrap: tw.WrapNone, AutoFormat: tw.Off},
	}
	tb := tablewriter.NewTable(&b,
		tablewriter.WithRenderer(renderer.NewMarkdown()),
		tablewriter.WithConfig(tablewriter.Config{Header: cell, Row: cell}),
		tablewriter.WithHeaderAutoFormat(tw.Off))
	tb.Header(head)
	for _, row := range t.Rows {
		line := []string{markdownEscape(row.Name)}
		for _, c := range row.Cells {
			s := markdownEscape(c.String())
			if c.Best {
				s = "**" + s + "**"
			}
			line = append(line, s)
		}
		if m.err = tb.Append(line); m.err != nil {
			return
		}
	}
	if m.err = tb.Render(); m.err == nil {
		m.print("%s\n", b.String())
	}
}

func (m *markdown) entries(title string, es []Entry) {
	if len(es) == 0 {
		return
	}
	m.print("\n## %s\n\n", title)
	for _, e := range es {
		m.print("- **%s**: %s\n", markdownEscape(e.Term), markdownEscape(e.Text))
	}
}

func (m *markdown) list(title string, ss []string) {
	if len(ss) == 0 {
		return
	}
	m.print("\n## %s\n\n", title)
	for _, s := range ss {
		m.print("- %s\n", markdownEscape(s))
	}
}

func (m *markdown) reasons(title string, rs []Reason, preface string) {
	if len(rs) == 0 {
		return
	}
	m.print("\n## %s\n", title)
	if preface != "" {
		m.print("\n%s\n", markdownEscape(preface))
	}
	for i, r := range rs {
		if i == 0 || r.Subject != rs[i-1].Subject {
			m.print("\n### %s\n\n", markdownEscape(r.Subject))
		}
		m.print("- **%s** %s: %s\n", audit.InWords(r.Outcome, r.Faults), markdownEscape(r.Criterion), markdownEscape(r.Sentence))
		for _, e := range r.Evidence {
			m.print("  - %s\n", markdownEscape(e.String()))
		}
		if r.P != "" && r.Outcome != audit.Pass && r.Outcome != audit.PassOwn {
			m.print("  - %s\n", markdownEscape(r.P))
		}
		for _, w := range r.Warnings {
			m.print("  - warning: %s\n", markdownEscape(w))
		}
	}
}

var markdownEscaper = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "|", `\|`,
	"<", "&lt;", ">", "&gt;", "&", "&amp;", "#", `\#`, "~", `\~`, "\n", " ", "\r", " ")

func markdownEscape(s string) string { return markdownEscaper.Replace(s) }
