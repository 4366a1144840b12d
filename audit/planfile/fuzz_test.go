package planfile_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/planfile"
	"github.com/lethe-audit/lethe/fixtures"
)

// No bytes make Parse panic, and a plan that it accepts has a digest.
func FuzzParse(f *testing.F) {
	for _, n := range fixtures.PlanNames() {
		b, err := fixtures.Plan(n)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, "seed=2")
	}
	bad, err := filepath.Glob(filepath.Join("testdata", "bad", "*.yml"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range bad {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, "")
	}
	f.Add([]byte(least), "data={kind: shapes, size: 64}")
	f.Add([]byte("a: &a [*a]\n"), "a.b=*a")
	f.Fuzz(func(t *testing.T, b []byte, setting string) {
		var settings []string
		if setting != "" {
			settings = []string{setting}
		}
		p, err := planfile.Parse(catalogue.Default(), "plan.yml", b, settings...)
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without words")
			}
			return
		}
		if _, err := p.Digest(); err != nil {
			t.Errorf("an accepted plan has no digest: %v", err)
		}
	})
}
