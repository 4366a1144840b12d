package compare

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/metrics"
)

// WriteTable prints the result for people: what was compared, a row a number, the notes.
func (r *Result) WriteTable(w io.Writer) error {
	p := &printer{w: w}
	p.line("real   %s", r.Real)
	p.line("fake   %s", r.Fake)
	if id := r.features(); id.Features != "" {
		verified := "sha256 " + id.Weights[:min(12, len(id.Weights))]
		if id.Unverified {
			verified += ", UNVERIFIED: not a well-known file"
		}
		p.line("by     %s (%s)%s", id.Features, verified, comma(id.Resize))
	}
	p.line("")
	rows := [][]string{}
	for _, row := range r.Rows {
		rows = append(rows, []string{row.Name + " " + arrow(row.Direction), format(row.Value), row.uncertainty(), row.how()})
	}
	p.table([]string{"Metric", "value", "", ""}, rows)
	for _, n := range r.Notes {
		p.line("note: %s", n)
	}
	return p.err
}

// WriteComparison prints one row a result, after Comparable has let them pass.
func WriteComparison(w io.Writer, names []string, rs []*Result) error {
	if err := Comparable(names, rs); err != nil {
		return err
	}
	head, rows := []string{"Fake side"}, [][]string{}
	for _, row := range rs[0].Rows {
		head = append(head, row.Name+" "+arrow(row.Direction))
	}
	for i, r := range rs {
		line := []string{names[i]}
		for _, row := range r.Rows {
			line = append(line, format(row.Value))
		}
		rows = append(rows, line)
	}
	p := &printer{w: w}
	p.table(head, rows)
	for _, row := range rs[0].Rows {
		p.line("%s", row.Identity)
	}
	return p.err
}

// String is a side in a few words.
func (s Summary) String() string {
	text := s.Path + ": "
	switch s.Kind {
	case Statistics:
		text += "mean and covariance"
		if s.N > 0 {
			text += " of " + strconv.Itoa(s.N)
		} else {
			text += " of an unknown number of images"
		}
	default:
		text += strconv.Itoa(s.N) + " " + s.Kind + comma(s.Sizes)
	}
	return text + ", sha256 " + s.Digest[:min(12, len(s.Digest))]
}

// features is the identity of the first number made of features.
func (r *Result) features() metrics.Identity {
	for _, row := range r.Rows {
		if row.Identity.Features != "" {
			return row.Identity
		}
	}
	return metrics.Identity{}
}

func (r Row) uncertainty() string {
	switch {
	case r.Interval != nil:
		return fmt.Sprintf("%.0f %% %s – %s", 100*r.Interval.Level, format(r.Interval.Low), format(r.Interval.High))
	case r.Spread != nil:
		return "± " + format(r.Spread.SD)
	}
	return ""
}

// how is what distinguishes the number from others of its name.
func (r Row) how() string {
	var parts []string
	id := r.Identity
	if id.Variant != "" {
		parts = append(parts, id.Variant)
	}
	if r.Spread != nil {
		parts = append(parts, "± is the standard deviation over "+r.Spread.Over)
	}
	if r.Interval != nil {
		parts = append(parts, "interval by "+r.Interval.By)
	}
	if id.K > 0 {
		parts = append(parts, fmt.Sprintf("k = %d", id.K))
	}
	if id.Field == metrics.FieldHole {
		parts = append(parts, "in the hole")
	}
	return strings.Join(parts, "; ")
}

func comma(s string) string {
	if s == "" {
		return ""
	}
	return ", " + s
}

func arrow(d audit.Direction) string {
	switch d {
	case audit.Lower:
		return "↓"
	case audit.Higher:
		return "↑"
	}
	return " "
}

// format gives six significant digits, as metrics are compared to the last digits; JSON has them all.
func format(v float64) string {
	if a := math.Abs(v); a != 0 && (a < 1e-4 || a >= 1e7) {
		return strconv.FormatFloat(v, 'e', 5, 64)
	}
	return strconv.FormatFloat(v, 'g', 6, 64)
}

type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(f string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, f+"\n", args...)
	}
}

func (p *printer) table(head []string, rows [][]string) {
	if p.err != nil {
		return
	}
	align := make([]tw.Align, len(head))
	for i := range align {
		align[i] = tw.AlignRight
	}
	align[0] = tw.AlignLeft
	if head[len(head)-1] == "" { // words
		align[len(head)-1], align[len(head)-2] = tw.AlignLeft, tw.AlignLeft
	}
	cell := tw.CellConfig{
		Padding:    tw.CellPadding{Global: tw.Padding{Right: "  ", Overwrite: true}},
		Alignment:  tw.CellAlignment{PerColumn: align},
		Formatting: tw.CellFormatting{AutoWrap: tw.WrapNone, AutoFormat: tw.Off},
	}
	var b strings.Builder
	t := tablewriter.NewTable(&b,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders:  tw.BorderNone,
			Symbols:  tw.NewSymbols(tw.StyleLight),
			Settings: tw.Settings{Separators: tw.Separators{BetweenColumns: tw.Off}, Lines: tw.Lines{ShowTop: tw.Off, ShowBottom: tw.Off}},
		})),
		tablewriter.WithConfig(tablewriter.Config{Header: cell, Row: cell}),
		tablewriter.WithTrimSpace(tw.Off), tablewriter.WithTrimLine(tw.Off),
		tablewriter.WithHeaderAutoFormat(tw.Off)) // after WithConfig, which resets it
	t.Header(head)
	if p.err = t.Bulk(rows); p.err != nil {
		return
	}
	if p.err = t.Render(); p.err != nil {
		return
	}
	for l := range strings.Lines(b.String()) {
		p.line("%s", strings.TrimRight(l, " \n"))
	}
}
