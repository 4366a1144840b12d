package engine

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/lethe-audit/lethe/audit"
)

// A run with other retrained models in the folder of a finished audit is a further look at the same subjects: somebody
// saw how they came out. The folder keeps the earlier plans and reports, so that no look is forgotten, and the report of
// look k is judged at α/2^(k−1): see [audit.Report.Level].

// further reports whether two plans differ in their retrained models alone.
func further(old, plan audit.Plan) (bool, error) {
	old.Oracles, old.Yardstick = plan.Oracles, plan.Yardstick
	a, err := old.Digest()
	if err != nil {
		return false, err
	}
	b, err := plan.Digest()
	return a == b, err
}

// looked is how many earlier looks a folder keeps.
func looked(dir string) (int, error) {
	found, err := filepath.Glob(filepath.Join(dir, "look-*-"+audit.ReportFile))
	if err != nil {
		return 0, fmt.Errorf("run folder: %w", err)
	}
	return len(found), nil
}

// keep sets a finished audit aside, before another plan takes its folder. One that was not finished showed nobody
// anything.
func (s *store) keep() error {
	if _, err := os.Stat(filepath.Join(s.dir, audit.ReportFile)); err != nil {
		return nil //nolint:nilerr // there is no report, which is all that is asked
	}
	n, err := looked(s.dir)
	if err != nil {
		return err
	}
	for _, name := range []string{planFile, audit.ReportFile} { // the report last: it is what counts as a look
		if err := os.Rename(filepath.Join(s.dir, name), filepath.Join(s.dir, fmt.Sprintf("look-%d-%s", n+1, name))); err != nil {
			return fmt.Errorf("run folder: %w", err)
		}
	}
	return nil
}

// level is the error rate of this look's verdicts.
func (r *run) level() float64 { return (&audit.Report{Plan: r.Plan, Look: r.look}).Level() }
