package audit_test

import (
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/audit"
)

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, audit.ReportFile)
	_, err := audit.Load(dir)
	require.ErrorContains(t, err, "no finished audit in "+dir)
	assert.ErrorContains(t, err, "run `lethe audit` with --out")
	for text, words := range map[string]string{
		"":                              "is not a readable report",
		`{"schema": "lethe.report/v1"`:  "is not a readable report",
		`{"schema": "lethe.report/v2"}`: `has schema "lethe.report/v2", want "lethe.report/v1"`,
		`{"schema": "lethe.report/v1", "verdicts": [{"outcome": "PERHAPS"}]}`: "PERHAPS",
	} {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		_, err := audit.Load(dir)
		require.ErrorContains(t, err, words)
		assert.ErrorContains(t, err, file)
	}
	want := &audit.Report{Schema: audit.Schema, Lambda: 0.1, Subjects: []audit.Subject{
		{Name: "original", Role: audit.RoleOriginal, Seed: math.MaxUint64, Samples: []audit.Sample{{Quantity: "mse",
			Unit: audit.PerImage, Index: []int{4}, Values: []float64{1.0 / 3}}}},
		{Name: "oracle-1", Role: audit.RoleOracle}, {Name: "ours", Role: audit.RoleMethod}},
		Verdicts: []audit.Verdict{{Subject: "ours", Criterion: "a"}, {Subject: "original", Criterion: "a"},
			{Subject: "ours", Criterion: "b", Outcome: audit.Fail}}}
	b, err := json.Marshal(want)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, b, 0o600))
	got, err := audit.Load(dir)
	require.NoError(t, err)
	assert.Equal(t, want.Subjects, got.Subjects, "numbers survive to the bit")
	assert.Equal(t, want.Verdicts, got.Verdicts)

	s, ok := got.Subject("ours")
	require.True(t, ok)
	assert.Same(t, &got.Subjects[2], s)
	_, ok = got.Subject("theirs")
	assert.False(t, ok)
	assert.Equal(t, []*audit.Subject{&got.Subjects[1]}, got.Oracles())
	of := got.Of("ours")
	require.Len(t, of, 2)
	assert.Equal(t, "b", of[1].Criterion)
}

func TestSampleCheck(t *testing.T) {
	good := audit.Sample{Quantity: "mse", View: "hole", Part: audit.Forget, Unit: audit.PerImage, Index: []int{1, 2}, Values: []float64{1, 2}}
	require.NoError(t, good.Check())
	assert.Equal(t, "mse/hole/forget", good.Key())
	for words, change := range map[string]func(*audit.Sample){
		"sample mse/hole/forget is empty":               func(s *audit.Sample) { s.Values, s.Index = nil, nil },
		"sample mse/hole/forget: 2 values for 1 images": func(s *audit.Sample) { s.Index = s.Index[:1] },
		"sample mse/hole/forget: value 1 is NaN":        func(s *audit.Sample) { s.Values = []float64{1, math.NaN()} },
		"sample mse/hole/forget: value 0 is +Inf":       func(s *audit.Sample) { s.Values = []float64{math.Inf(1), 1} },
		"sample mse/hole/forget: value 0 is -Inf":       func(s *audit.Sample) { s.Unit, s.Values = audit.PerResample, []float64{math.Inf(-1)} },
	} {
		s := good
		change(&s)
		assert.EqualError(t, s.Check(), words)
	}
}

func TestSampleMeanAndSE(t *testing.T) {
	images := audit.Sample{Unit: audit.PerImage, Values: []float64{1, 2, 3, 6}}
	assert.Equal(t, 3.0, images.Mean())
	assert.InDelta(t, math.Sqrt(14.0/3)/2, images.SE(), 1e-15, "s/√n")
	set := audit.Sample{Unit: audit.PerResample, Values: []float64{10, 1, 3}}
	assert.Equal(t, 10.0, set.Mean(), "the full set's value, not the mean of resamples")
	assert.InDelta(t, math.Sqrt2, set.SE(), 1e-15, "the resamples' standard deviation")
	assert.Zero(t, audit.Sample{Unit: audit.PerImage, Values: []float64{4}}.SE())
	assert.Zero(t, audit.Sample{Unit: audit.PerResample, Values: []float64{4, 5}}.SE())
}

// A mean moves and scales with its values, a standard error scales alone.
func TestSampleProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SliceOfN(rapid.Float64Range(-1, 1), 2, 20).Draw(t, "values")
		a, b := rapid.Float64Range(-3, 3).Draw(t, "factor"), rapid.Float64Range(-3, 3).Draw(t, "shift")
		w := make([]float64, len(v))
		for i, x := range v {
			w[i] = a*x + b
		}
		x, y := audit.Sample{Unit: audit.PerImage, Values: v}, audit.Sample{Unit: audit.PerImage, Values: w}
		if d := math.Abs(y.Mean() - (a*x.Mean() + b)); d > 1e-12 {
			t.Fatalf("mean is off by %g", d)
		}
		if d := math.Abs(y.SE() - math.Abs(a)*x.SE()); d > 1e-12 {
			t.Fatalf("standard error is off by %g", d)
		}
	})
}

func TestFindingsWithinASubject(t *testing.T) {
	s := audit.Subject{Samples: []audit.Sample{{Quantity: "mse", View: "hole", Part: audit.Test}},
		Statistics: []audit.Statistic{{Name: "AUC", Value: 0.5}}}
	_, ok := s.Sample("mse", "hole", audit.Test)
	assert.True(t, ok)
	_, ok = s.Sample("mse", "image", audit.Test)
	assert.False(t, ok)
	x, ok := s.Statistic("AUC")
	assert.True(t, ok)
	assert.Equal(t, 0.5, x.Value)
	_, ok = s.Statistic("TPR")
	assert.False(t, ok)
}

// The vocabulary imports the standard library alone, so that a stored audit can be
// read anywhere.
func TestVocabularyStandsAlone(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").Output()
	require.NoError(t, err)
	assert.Equal(t, "github.com/lethe-audit/lethe/audit", strings.TrimSpace(string(out)))
}
