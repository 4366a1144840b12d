package compare

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/metrics"
)

// Schema names the layout of a Result's JSON.
const Schema = "lethe-metrics/1"

// Result is what was measured, with all that determines each number.
type Result struct {
	Schema string   `json:"schema"`
	Real   Summary  `json:"real"`
	Fake   Summary  `json:"fake"`
	Rows   []Row    `json:"rows"`
	Notes  []string `json:"notes,omitempty"` // what a reader should know before using a number
}

// A Row is one number.
type Row struct {
	Name      string           `json:"name"` // such as FID, fd(fixture), precision(fixture)
	Value     float64          `json:"value"`
	Direction audit.Direction  `json:"direction"`
	Interval  *Interval        `json:"interval,omitempty"`
	Spread    *Spread          `json:"spread,omitempty"`
	Identity  metrics.Identity `json:"identity"`
}

// An Interval covers the true value with the given probability under the assumption that it names.
type Interval struct {
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	Level float64 `json:"level"`
	By    string  `json:"by"`
}

// A Spread is a standard deviation over parts of the data; it is no standard error of the value.
type Spread struct {
	SD   float64 `json:"sd"`
	Over string  `json:"over"` // such as 10 splits
}

// WriteJSON writes the result, indented, with a final newline.
func (r *Result) WriteJSON(w io.Writer) error {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("metrics as JSON: %w", err)
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// ReadJSON reads a result that WriteJSON wrote.
func ReadJSON(r io.Reader) (*Result, error) {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	var out Result
	if err := d.Decode(&out); err != nil {
		return nil, fmt.Errorf("not a result of lethe metrics: %w", err)
	}
	if out.Schema != Schema {
		return nil, fmt.Errorf("not a result of lethe metrics: schema %q, want %q", out.Schema, Schema)
	}
	for _, row := range out.Rows {
		if err := row.Identity.Validate(); err != nil {
			return nil, fmt.Errorf("result of lethe metrics: row %s: %w", row.Name, err)
		}
	}
	return &out, nil
}

// ErrMixed marks results that must not stand in one table.
var ErrMixed = errors.New("these numbers were made in different ways and must not be compared")

// Comparable checks that results have the same rows, made the same way: for each metric equal identities, with the
// same real side. The error names the first difference, with both values.
func Comparable(names []string, rs []*Result) error {
	for i, r := range rs[1:] {
		for k, row := range r.Rows {
			first := rs[0].Rows
			if k >= len(first) || len(r.Rows) != len(first) || row.Identity.Metric != first[k].Identity.Metric {
				return fmt.Errorf("%w: %s and %s hold other metrics", ErrMixed, names[0], names[i+1])
			}
			if d := metrics.Diff(first[k].Identity, row.Identity); d != "" {
				return fmt.Errorf("%w: %s of %s and %s differ in %s", ErrMixed, row.Name, names[0], names[i+1], d)
			}
		}
	}
	return nil
}
