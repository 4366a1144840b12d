package reports

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"github.com/lethe-audit/lethe/audit"
)

// csvHeader names the columns of the long table: one number a line.
var csvHeader = []string{
	"record", "subject", "role", "kind", "quantity", "view", "part", "unit", "n", "value", "se", "lo", "hi", "level",
	"margin", "direction", "outcome", "identity", "note",
}

// CSV writes every number of the report in long form, one a line, with full
// precision. The column record says what a line is: sample (value is the mean
// over images, or the full set's value; se over images or resamples), statistic,
// cost, finding (quantity is the criterion, view the finding; value is the
// estimate), verdict, claim or error. Empty fields were not measured.
func CSV(w io.Writer, r *audit.Report) error {
	c := csv.NewWriter(w)
	rows := []csvRow{}
	for i := range r.Subjects {
		rows = append(rows, subjectLines(&r.Subjects[i])...)
		for _, v := range r.Of(r.Subjects[i].Name) {
			rows = append(rows, verdictLines(&r.Subjects[i], v)...)
		}
	}
	for _, x := range r.Claims {
		rows = append(rows, csvRow{"record": "claim", "subject": x.Method, "quantity": x.Criterion,
			"outcome": x.Found.String(), "identity": x.Claim.String(), "note": claimAnswer(x)})
	}
	if err := c.Write(csvHeader); err != nil {
		return fmt.Errorf("render csv: %w", err)
	}
	for _, row := range rows {
		line := make([]string, len(csvHeader))
		for i, k := range csvHeader {
			line[i] = row[k]
		}
		if err := c.Write(line); err != nil {
			return fmt.Errorf("render csv: %w", err)
		}
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return fmt.Errorf("render csv: %w", err)
	}
	return nil
}

type csvRow map[string]string

func subjectLines(s *audit.Subject) []csvRow {
	row := func(record, quantity string) csvRow {
		return csvRow{"record": record, "subject": s.Name, "role": string(s.Role), "kind": s.Kind, "quantity": quantity}
	}
	var out []csvRow
	if s.Error != "" {
		e := row("error", "")
		e["note"] = s.Error
		return append(out, e)
	}
	for _, x := range s.Samples {
		if len(x.Values) == 0 {
			continue
		}
		l := row("sample", x.Name())
		l["view"], l["part"], l["unit"], l["n"] = x.View, string(x.Part), string(x.Unit), strconv.Itoa(len(x.Values))
		l["value"], l["se"] = exact(x.Mean()), exact(x.SE())
		l["direction"], l["identity"] = string(x.Direction), x.Identity
		out = append(out, l)
	}
	for _, x := range s.Statistics {
		l := row("statistic", x.Name)
		l["value"], l["direction"], l["identity"] = exact(x.Value), string(x.Direction), x.Identity
		if x.Level > 0 {
			l["lo"], l["hi"], l["level"] = exact(x.Lo), exact(x.Hi), exact(x.Level)
		}
		out = append(out, l)
	}
	if s.Cost.Seconds > 0 {
		for _, x := range []struct {
			name  string
			value float64
		}{
			{"seconds", s.Cost.Seconds}, {"steps", float64(s.Cost.Steps)}, {"images", float64(s.Cost.Images)},
			{"relative time", s.Cost.RelativeTime}, {"relative work", s.Cost.RelativeWork},
		} {
			l := row("cost", x.name)
			l["value"], l["direction"] = exact(x.value), string(audit.Lower)
			out = append(out, l)
		}
	}
	return out
}

func verdictLines(s *audit.Subject, v audit.Verdict) []csvRow {
	out := []csvRow{{"record": "verdict", "subject": s.Name, "role": string(s.Role), "kind": s.Kind,
		"quantity": v.Criterion, "outcome": v.Outcome.String(), "note": v.Reason}}
	for _, f := range v.Findings {
		out = append(out, csvRow{"record": "finding", "subject": s.Name, "role": string(s.Role), "kind": s.Kind,
			"quantity": v.Criterion, "view": f.Name, "unit": f.Scale, "n": strconv.Itoa(f.Images),
			"value": exact(f.Estimate), "se": exact(f.SE), "lo": exact(f.Lo), "hi": exact(f.Hi), "level": exact(f.Level),
			"margin": exact(f.Margin), "direction": f.Sides, "outcome": v.Outcome.String(),
			"identity": fmt.Sprintf("retrained models %s to %s", exact(f.NullLo), exact(f.NullHi)), "note": f.Advice})
	}
	return out
}

// exact is the shortest text that reads back as v.
func exact(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
