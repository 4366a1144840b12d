package reports

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/lethe-audit/lethe/audit"
)

// JUnit writes verdicts and claims as test results: one suite a model with one
// case a criterion, and one suite of claims. FAIL and a claim that does not hold
// are failures; INCONCLUSIVE, NOT RUN, NOT APPLICABLE and an undecided claim are
// skipped, with the reason; a model without numbers is an error. Times are left
// out: the same report gives the same bytes.
func JUnit(w io.Writer, r *audit.Report) error {
	all := junitSuites{Name: "lethe " + clean(r.Plan.Name)}
	for i := range r.Subjects {
		s := &r.Subjects[i]
		suite := junitSuite{Name: clean(s.Name)}
		if s.Error != "" && !s.Unfit { // what does not apply is skipped with its verdicts
			suite.add(junitCase{Name: "measurement", Class: clean(s.Name), Error: &junitNote{Message: clean(s.Error)}})
		}
		for _, v := range r.Of(s.Name) {
			suite.add(verdictCase(v))
		}
		if len(suite.Cases) > 0 {
			all.add(suite)
		}
	}
	claims := junitSuite{Name: "claims"}
	for _, c := range r.Claims {
		claims.add(claimCase(c))
	}
	if len(claims.Cases) > 0 {
		all.add(claims)
	}
	b, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return fmt.Errorf("render junit: %w", err)
	}
	if _, err := io.WriteString(w, xml.Header+string(b)+"\n"); err != nil {
		return fmt.Errorf("render junit: %w", err)
	}
	return nil
}

type junitSuites struct {
	XMLName xml.Name     `xml:"testsuites"`
	Name    string       `xml:"name,attr"`
	Tests   int          `xml:"tests,attr"`
	Failed  int          `xml:"failures,attr"`
	Errors  int          `xml:"errors,attr"`
	Skipped int          `xml:"skipped,attr"`
	Suites  []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name    string      `xml:"name,attr"`
	Tests   int         `xml:"tests,attr"`
	Failed  int         `xml:"failures,attr"`
	Errors  int         `xml:"errors,attr"`
	Skipped int         `xml:"skipped,attr"`
	Cases   []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string     `xml:"name,attr"`
	Class   string     `xml:"classname,attr"`
	Failure *junitNote `xml:"failure"`
	Error   *junitNote `xml:"error"`
	Skipped *junitNote `xml:"skipped"`
}

type junitNote struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

func (s *junitSuites) add(x junitSuite) {
	s.Suites = append(s.Suites, x)
	s.Tests += x.Tests
	s.Failed += x.Failed
	s.Errors += x.Errors
	s.Skipped += x.Skipped
}

func (s *junitSuite) add(c junitCase) {
	s.Cases = append(s.Cases, c)
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failed++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
}

func verdictCase(v audit.Verdict) junitCase {
	c := junitCase{Name: clean(v.Criterion), Class: clean(v.Subject)}
	reason := NewReason(v)
	var lines []string
	for _, e := range reason.Evidence {
		lines = append(lines, clean(e.String()))
	}
	note := &junitNote{Message: clean(audit.InWords(v.Outcome, v.Faults) + ": " + v.Reason), Text: strings.Join(lines, "\n")}
	switch v.Outcome {
	case audit.Pass:
	case audit.Fail:
		c.Failure = note
	default:
		c.Skipped = note
	}
	return c
}

func claimCase(r audit.ClaimResult) junitCase {
	c := junitCase{Name: clean(r.Claim.String()), Class: "claims"}
	note := &junitNote{Message: clean(fmt.Sprintf("%s: found %s. %s", claimAnswer(r), r.Found, r.Reason))}
	switch {
	case r.Holds:
	case r.Open:
		c.Skipped = note
	default:
		c.Failure = note
	}
	return c
}

// clean drops what XML 1.0 cannot hold.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
}
