package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ReportFile is the name of a run's report within its folder.
const ReportFile = "report.json"

// Schema is the identifier of the report format that this package reads.
const Schema = "lethe.report/v1"

// Load reads the report of a finished run. It recomputes nothing.
func Load(dir string) (*Report, error) {
	file := filepath.Join(dir, ReportFile)
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no finished audit in %s (no %s): run `lethe audit` with --out %s first", dir, ReportFile, dir)
	}
	if err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	var r Report
	if err := json.Unmarshal(b, &r); err != nil {
		return nil, fmt.Errorf("%s is not a readable report (%w): run `lethe audit` again", file, err)
	}
	if r.Schema != Schema {
		return nil, fmt.Errorf("%s has schema %q, want %q: it was written by another version of lethe", file, r.Schema, Schema)
	}
	return &r, nil
}
