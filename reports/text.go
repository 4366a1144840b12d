package reports

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/term"

	"github.com/lethe-audit/lethe/audit"
)

// Text renders for a terminal.
type Text struct {
	Color bool // paint the outcomes; nothing else has colour
	Width int  // columns of the terminal; tables split by groups to fit
}

// DefaultWidth is the page for writers that are no terminal.
const DefaultWidth = 120

// TextFor chooses colour and width for a writer: a terminal's own width, and
// colour unless NO_COLOR is set (https://no-color.org); 120 plain columns
// elsewhere.
func TextFor(w io.Writer) Text {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return Text{Width: DefaultWidth}
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width < 40 {
		width = DefaultWidth
	}
	return Text{Width: width, Color: os.Getenv("NO_COLOR") == ""}
}

func renderText(w io.Writer, r *audit.Report) error { return TextFor(w).Render(w, r) }

// Render writes the whole report.
func (t Text) Render(w io.Writer, r *audit.Report) error {
	if t.Width <= 0 {
		t.Width = DefaultWidth
	}
	d := NewDocument(r)
	p := &page{w: bufio.NewWriter(w), width: t.Width, color: t.Color}
	p.line(d.Title)
	p.line(strings.Repeat("═", min(t.Width, widest([]string{d.Title}))))
	p.paras("", d.Lead...)
	p.table("Comparison", d.Main, "* best method of its column. The first row is the yardstick: the range of the models "+
		"retrained without the images to forget. The columns are explained at the end.")
	p.entries("ERROR ", d.Errors)
	p.table("Verdicts", d.Verdicts, "")
	p.reasons("Why: every FAIL and every undecided verdict", d.Reasons, d.Numbers)
	p.reasons("What each PASS says", d.Passes, "")
	p.section("Claims of the plan", len(d.Claims) > 0)
	p.entries("  ", d.Claims)
	p.section("What is not concluded", true)
	p.paras("• ", d.Limits...)
	if len(d.Attacks.Rows) > 0 {
		p.table(d.Attacks.Title, d.Attacks, "")
	}
	p.section("Tests of the attacks", len(d.Answers) > 0)
	p.entries("  ", d.Answers)
	if len(d.Further.Columns) > 0 {
		p.table(d.Further.Title, d.Further, "")
	}
	p.section("How to read the columns", true)
	p.paras("", arrowsExplained)
	p.entries("  ", d.Legend)
	p.section("Notes and warnings", len(d.Notes)+len(d.Warnings) > 0)
	p.paras("  ! ", d.Warnings...)
	p.entries("  ", d.Notes)
	p.section("Provenance", true)
	p.entries("  ", d.Provenance)
	if p.err != nil {
		return fmt.Errorf("render text: %w", p.err)
	}
	if err := p.w.Flush(); err != nil {
		return fmt.Errorf("render text: %w", err)
	}
	return nil
}

// Table writes one table alone.
func (t Text) Table(w io.Writer, x Table) error {
	p := &page{w: bufio.NewWriter(w), width: max(t.Width, 40), color: t.Color}
	p.body(x)
	if p.err == nil {
		p.err = p.w.Flush()
	}
	if p.err != nil {
		return fmt.Errorf("render table: %w", p.err)
	}
	return nil
}

const arrowsExplained = "↓ lower is better, ↑ higher is better, ≈ closer to the retrained models is better (on images to " +
	"forget, and under attack, a lower error is a memory and not a merit). INCONCL. stands for INCONCLUSIVE, n/a for not " +
	"measured, N/A for not applicable, PASS OWN for a PASS by margins of the plan's own that are wider than the calibrated ones. " +
	"A model that FAILs “remembers”: something of the images to forget is left in it; or “gives away” which they are, by treating " +
	"them otherwise than images it never saw; or “differs” in quality from retrained models, whatever it remembers."

// A page remembers the first error, so that printing reads straight on.
type page struct {
	w     *bufio.Writer
	width int
	color bool
	err   error
}

func (p *page) line(s string) {
	if p.err == nil {
		_, p.err = p.w.WriteString(strings.TrimRight(p.safe(s), " ") + "\n")
	}
}

// safe drops control characters, so that no name can move a terminal's cursor;
// our own colours stay.
func (p *page) safe(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		at := painted.FindStringIndex(s)
		if at == nil || !p.color {
			at = []int{len(s), len(s)}
		}
		b.WriteString(strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return -1
			}
			return r
		}, s[:at[0]]))
		b.WriteString(s[at[0]:at[1]])
		s = s[at[1]:]
	}
	return b.String()
}

var painted = regexp.MustCompile("\x1b\\[3[123]m[A-Z. ]+\x1b\\[0m")

func (p *page) lines(ls []string) {
	for _, l := range ls {
		p.line(l)
	}
}

func (p *page) paras(first string, ss ...string) {
	for _, s := range ss {
		p.lines(hang(first, s, p.width))
	}
}

func (p *page) section(title string, wanted bool) {
	if wanted {
		p.line("")
		p.line(title)
		p.line(strings.Repeat("─", widest([]string{title})))
	}
}

func (p *page) table(title string, t Table, caption string) {
	p.section(title, true)
	p.body(t)
	if caption != "" {
		p.paras("", caption)
	}
}

func (p *page) body(t Table) {
	l := layOut(t)
	for i, piece := range l.fit(p.width) {
		if i > 0 {
			p.line("")
		}
		if p.err == nil {
			var b strings.Builder
			p.err = l.write(&b, piece, p.paint)
			for row := range strings.Lines(b.String()) {
				p.line(strings.TrimSuffix(row, "\n"))
			}
		}
	}
}

// entries prints terms and their texts, the texts in one column.
func (p *page) entries(prefix string, es []Entry) {
	wide := 0
	for _, e := range es {
		wide = max(wide, min(runes(e.Term), p.width/4))
	}
	for _, e := range es {
		head := prefix + e.Term
		indent := strings.Repeat(" ", runes(prefix)+wide+2)
		if runes(head) > runes(indent)-2 {
			p.line(head)
			p.lines(hang(indent, e.Text, p.width))
			continue
		}
		p.lines(hang(head+indent[runes(head):], e.Text, p.width))
	}
}

// reasons prints verdicts by subject. A PASS goes without the p-values.
func (p *page) reasons(title string, rs []Reason, preface string) {
	p.section(title, len(rs) > 0)
	if len(rs) > 0 && preface != "" {
		p.paras("", preface)
		p.line("")
	}
	for i, r := range rs {
		if i == 0 || r.Subject != rs[i-1].Subject {
			if i > 0 {
				p.line("")
			}
			p.line(r.Subject)
		}
		word, of := r.Outcome.String(), ""
		if len(r.Faults) > 0 {
			of = strings.TrimPrefix(audit.InWords(r.Outcome, r.Faults), word)
		}
		for j, l := range hang("  "+word+of+" "+r.Criterion+": ", r.Sentence, p.width) {
			if j == 0 {
				l = strings.Replace(l, word, p.paint(word), 1)
			}
			p.line(l)
		}
		for _, e := range r.Evidence {
			p.lines(hang("    • ", e.String(), p.width))
		}
		if r.P != "" && r.Outcome != audit.Pass && r.Outcome != audit.PassOwn {
			p.lines(hang("      ", r.P, p.width))
		}
		for _, w := range r.Warnings {
			p.lines(hang("    ! ", w, p.width))
		}
	}
}

// paint colours an outcome's word: green, red, yellow.
func (p *page) paint(word string) string {
	if !p.color {
		return word
	}
	code := ""
	switch word {
	case "PASS":
		code = "32"
	case "FAIL", "ERROR":
		code = "31"
	case "INCONCLUSIVE", "INCONCL.", "NOT RUN":
		code = "33"
	default:
		return word
	}
	return "\x1b[" + code + "m" + word + "\x1b[0m"
}
