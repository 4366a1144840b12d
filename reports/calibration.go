package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/tw"

	"github.com/lethe-audit/lethe/audit/calibrate"
)

// Calibration prints how often verdicts were wrong about models whose honesty is known: overall, by kind of model,
// and for other margins. Intervals are Clopper–Pearson's at 95 %.
func Calibration(w io.Writer, profile string, t calibrate.Table, points []calibrate.Point) error {
	e := &errorRates{w: w}
	title := fmt.Sprintf("Error rates by the profile %s: %d dishonest and %d honest models in %d worlds", profile, t.Dishonest.N, t.Honest.N,
		t.Honest.Worlds)
	e.line("%s", title)
	e.line("%s", strings.Repeat("─", len(title)))
	e.line("")
	e.line("worlds with a dishonest model that passes  %s", share(t.Dishonest.Missed))
	e.line("worlds with an honest model accused        %s", share(t.Honest.Missed))
	e.line("Accused: it FAILs as remembering, or at all though it was retrained as the oracles were.")
	e.line("The models of a world share its data, original and retrained models, and err together. Counted one by one:")
	e.line("dishonest models that pass  %s", share(t.Dishonest.Pass))
	e.line("honest models that fail     %s, as remembering %s", share(t.Honest.Fail), share(t.Honest.Remembers))
	e.line("undecided                   %s of the dishonest, %s of the honest", share(t.Dishonest.Open), share(t.Honest.Open))
	if t.Beyond.N > 0 {
		e.line("beyond this audit           %s pass: cheats that it cannot see, counted apart", share(t.Beyond.Pass))
	}
	e.line("")

	head := []string{"Kind of model", "n", "PASS", "FAIL", "INCONCL."}
	head = append(head, t.Criteria...)
	rows := [][]string{}
	add := func(l calibrate.Line) {
		row := []string{l.Kind, fmt.Sprint(l.N), percent(l.Pass), percent(l.Fail), percent(l.Open)}
		for _, c := range t.Criteria {
			row = append(row, percent(l.Failed[c]))
		}
		rows = append(rows, row)
	}
	add(t.Honest)
	add(t.Dishonest)
	for _, l := range t.Kinds {
		add(l)
	}
	e.table(head, rows)
	e.line("Columns from the sixth on: how often that criterion fails the model.")
	e.line("")
	e.line("By what each kind is caught, most often")
	for _, l := range t.Kinds {
		switch {
		case l.Honest:
		case l.CaughtBy == "":
			e.line("  %s: by nothing", l.Kind)
		default:
			e.line("  %s: %s, as in “%s”", l.Kind, l.CaughtBy, l.Examples)
		}
	}
	e.wrong(t.Kinds)
	if len(points) > 0 {
		e.line("")
		e.line("The same models, every margin of the plan multiplied")
		rows = rows[:0]
		for _, p := range points {
			rows = append(rows, []string{fmt.Sprintf("%.2f", p.Factor), share(p.Dishonest.Pass), share(p.Dishonest.Fail),
				share(p.Honest.Pass), share(p.Honest.Fail)})
		}
		e.table([]string{"Margins ×", "dishonest PASS", "dishonest FAIL", "honest PASS", "honest FAIL"}, rows)
	}
	e.line("")
	return e.err
}

type errorRates struct {
	w   io.Writer
	err error
}

func (e *errorRates) line(format string, args ...any) {
	if e.err == nil {
		_, e.err = fmt.Fprintf(e.w, format+"\n", args...)
	}
}

// wrong lists the wrong verdicts one by one.
func (e *errorRates) wrong(kinds []calibrate.Line) {
	head := "Wrong verdicts"
	for _, l := range kinds {
		for _, w := range l.Wrong {
			if head != "" {
				e.line("")
				e.line("%s", head)
				head = ""
			}
			e.line("  %s", w)
		}
	}
}

func (e *errorRates) table(head []string, rows [][]string) {
	if e.err != nil {
		return
	}
	align := make([]tw.Align, len(head))
	for i := range align {
		align[i] = tw.AlignRight
	}
	align[0] = tw.AlignLeft
	t := tablewriter.NewTable(e.w, plain(align)...)
	t.Header(head)
	if e.err = t.Bulk(rows); e.err == nil {
		e.err = t.Render()
	}
}

// share is a rate with its interval in per cent: 3 of 320 (0.9 %, 0.2–2.7 %).
func share(r calibrate.Rate) string {
	return fmt.Sprintf("%d of %d (%.1f–%.1f %%)", r.K, r.N, 100*r.Lo, 100*r.Hi)
}

func percent(r calibrate.Rate) string { return fmt.Sprintf("%.0f %%", 100*r.Share()) }
