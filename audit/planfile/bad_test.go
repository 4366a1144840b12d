package planfile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/planfile"
	"github.com/lethe-audit/lethe/internal/golden"
)

// Every plan in testdata/bad is refused with the words in bad.golden, which begin
// with file, line and column.
func TestBadPlans(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "bad", "*.yml"))
	require.NoError(t, err)
	require.Greater(t, len(files), 50)
	var all strings.Builder
	for _, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		_, err = planfile.Parse(catalogue.Default(), filepath.Base(f), b)
		require.Error(t, err, f)
		fmt.Fprintln(&all, err)
	}
	golden.File(t, []byte(all.String()), "testdata", "bad.golden")
}

func TestBadSettings(t *testing.T) {
	var all strings.Builder
	for _, s := range []string{
		"train.epochs", "=3", "train.epochs=", "train.epochs={", "train.epochs=many", "train.epochs=0", "oracle=3",
		"name.first=x", "methods.0.cycles=2", "data={kind: shapes, train: 1}", "data.tset=9", "data.kind=mnist",
		"forget.fraction=2", "deep.er.still=1",
	} {
		_, err := planfile.Parse(catalogue.Default(), "plan.yml", []byte(least), s)
		require.Error(t, err, s)
		fmt.Fprintln(&all, err)
	}
	golden.File(t, []byte(all.String()), "testdata", "settings.golden")
}

func TestNoSuchPlan(t *testing.T) {
	_, err := planfile.Read(catalogue.Default(), "no-such-plan")
	require.ErrorContains(t, err, `no plan "no-such-plan": give a file, or one of the plans that come with lethe: `)
	require.ErrorContains(t, err, "shapes")
	_, err = planfile.Read(catalogue.Default(), filepath.Join(t.TempDir(), "plan.yml"))
	require.ErrorContains(t, err, "plan.yml")
	_, err = planfile.Read(catalogue.Default(), t.TempDir())
	require.ErrorContains(t, err, "is a directory")
}

// An error is a Problem for every place that is wrong.
func TestProblemsAreTyped(t *testing.T) {
	_, err := planfile.Parse(catalogue.Default(), "plan.yml", []byte(least+"oracles: 1\nalpha: 2\n"))
	var p planfile.Problem
	require.ErrorAs(t, err, &p)
	assert.Equal(t, "plan.yml", p.File)
	assert.Equal(t, []int{5, 1}, []int{p.Line, p.Column})
	var many interface{ Unwrap() []error }
	require.ErrorAs(t, err, &many)
	assert.Len(t, many.Unwrap(), 2)
}
