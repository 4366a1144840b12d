package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/lethe-audit/lethe/audit"
)

// A Renderer writes a report in one format. Equal reports give equal bytes; only
// the text format looks at its writer, to fit a terminal's width and colour.
type Renderer struct {
	Name      string // as in --format
	Extension string // of a file that holds it, with the dot
	Doc       string // one line, for people
	Render    func(w io.Writer, r *audit.Report) error
}

// All lists every renderer in the order in which help shows them.
var All = []Renderer{
	{"text", ".txt", "tables, reasons and claims for a terminal", renderText},
	{"markdown", ".md", "the same for a web page or a pull request", Markdown},
	{"latex", ".tex", "the tables for a paper (needs the booktabs package)", LaTeX},
	{"csv", ".csv", "every number, one a line, for a spreadsheet or a data frame", CSV},
	{"json", ".json", "the whole report with every raw sample", JSON},
	{"junit", ".xml", "verdicts and claims as test results for a CI system", JUnit},
}

// Lookup finds a renderer by name. An unknown name is an error that lists the
// choices.
func Lookup(name string) (Renderer, error) {
	names := make([]string, len(All))
	for i, r := range All {
		if r.Name == name {
			return r, nil
		}
		names[i] = r.Name
	}
	return Renderer{}, fmt.Errorf("unknown format %q: want one of %s", name, strings.Join(names, ", "))
}
