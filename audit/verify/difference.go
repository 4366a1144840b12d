package verify

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/lethe-audit/lethe/audit"
)

// A Kind is a part of a report that can be recomputed.
type Kind string

// The kinds, in the order in which differences are listed.
const (
	Plan     Kind = "plan"      // the plan's digest
	Subject  Kind = "subject"   // a model that the plan wants, or does not want
	Sample   Kind = "sample"    // a sample that is not whole, or stands there twice
	Cost     Kind = "cost"      // a model's cost relative to the retrained models'
	Verdict  Kind = "verdict"   // a verdict, or one of its findings
	Overall  Kind = "overall"   // a model's outcome over all criteria
	Claim    Kind = "claim"     // a claim of the plan
	Expected Kind = "expected"  // the probability of an honest PASS, by which retrained models were added
	ExitCode Kind = "exit code" // of `lethe audit`
)

// sources say what a kind is recomputed from.
var sources = map[Kind]string{
	Plan: "the plan gives", Subject: "the plan gives", Cost: "the costs give",
	Verdict: "the samples say", Overall: "the samples say", Claim: "the samples say", Expected: "the samples say", ExitCode: "the samples say",
}

// A Difference is one thing that a report says and that does not follow from the
// rest of it.
type Difference struct {
	Kind       Kind
	Name       string // what it is about: "random-weights, utility"
	Field      string // path in the report's JSON below that, "findings[0].pEqual"; empty for the thing itself
	Stored     any    // nil where the report has nothing
	Recomputed any    // nil where nothing is to be there; of samples, whose Stored says what is wrong
}

// String is the difference in a sentence for people. Names and texts from the
// report are quoted where they would move a terminal's cursor.
func (d Difference) String() string {
	switch d.Kind {
	case Plan:
		return fmt.Sprintf("the plan in the report has digest %s, the report says %s: one of them was changed",
			short(d.Recomputed), short(d.Stored))
	case Sample:
		return fmt.Sprintf("%s: sample %s: %v", printable(d.Name), printable(d.Field), d.Stored)
	}
	about := ""
	if d.Kind == Claim {
		about = "claim "
	}
	if d.Name != "" {
		about += printable(d.Name) + ": "
	}
	field := d.Field
	if field != "" {
		field += " "
	}
	return fmt.Sprintf("%s%s %s%s, the report says %s%s", about, sources[d.Kind], field, value(d.Recomputed), field, value(d.Stored))
}

func short(v any) string {
	d, _ := v.(audit.Digest)
	return printable(d.Short())
}

func value(v any) string {
	switch x := v.(type) {
	case nil:
		return "nothing"
	case string:
		return strconv.Quote(x)
	case fmt.Stringer:
		return x.String()
	}
	return fmt.Sprint(v)
}

func printable(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0 {
		return s
	}
	return strconv.Quote(s)
}

// Differences are an error that lists them, a line each.
type Differences []Difference

// listed is how many differences a reader is shown: one changed sample moves
// dozens of numbers.
const listed = 20

func (ds Differences) Error() string {
	var b strings.Builder
	for i, d := range ds {
		if i == listed {
			fmt.Fprintf(&b, "\nand %d more", len(ds)-listed)
			break
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(d.String())
	}
	return b.String()
}
