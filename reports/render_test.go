package reports

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/golden"
)

func TestGolden(t *testing.T) {
	for _, r := range All {
		t.Run(r.Name, func(t *testing.T) {
			var b, again bytes.Buffer
			require.NoError(t, r.Render(&b, synthetic(24)))
			require.NoError(t, r.Render(&again, synthetic(24)))
			require.Equal(t, b.String(), again.String(), "two renders must agree to the byte")
			golden.File(t, b.Bytes(), "testdata", "report"+r.Extension)
		})
	}
}

// What was trained in another precision than float32 says so.
func TestPrecisionIsShown(t *testing.T) {
	r := synthetic(8)
	assert.NotContains(t, fmt.Sprint(NewDocument(r).Provenance), "training")
	r.Plan.Train.Precision = audit.BFloat16
	assert.Contains(t, fmt.Sprint(NewDocument(r).Provenance), "bfloat16 training, the rest in float32")
}

func TestTextGolden(t *testing.T) {
	for _, c := range []struct {
		name string
		text Text
	}{{"report-80.txt", Text{Width: 80}}, {"report-color.txt", Text{Width: 120, Color: true}}} {
		var b bytes.Buffer
		require.NoError(t, c.text.Render(&b, synthetic(24)))
		golden.File(t, b.Bytes(), "testdata", c.name)
	}
}

func TestTextFitsItsWidth(t *testing.T) {
	for _, width := range []int{60, 80, 100, 120, 200} {
		var b bytes.Buffer
		require.NoError(t, Text{Width: width}.Render(&b, synthetic(24)))
		for line := range strings.Lines(b.String()) {
			assert.LessOrEqual(t, runes(strings.TrimRight(line, "\n")), width, "at %d columns: %s", width, line)
		}
	}
}

func TestShortTableFits120ColumnsInOnePiece(t *testing.T) {
	assert.Len(t, layOut(NewDocument(synthetic(24)).Main).fit(120), 1)
}

func TestColorOnlyPaintsOutcomes(t *testing.T) {
	var plain, painted bytes.Buffer
	require.NoError(t, Text{Width: 120}.Render(&plain, synthetic(8)))
	require.NoError(t, Text{Width: 120, Color: true}.Render(&painted, synthetic(8)))
	assert.NotContains(t, plain.String(), "\x1b")
	assert.Contains(t, painted.String(), "\x1b[31mFAIL\x1b[0m")
	bare := painted.String()
	for _, code := range []string{"31", "32", "33", "0"} {
		bare = strings.ReplaceAll(bare, "\x1b["+code+"m", "")
	}
	assert.Equal(t, plain.String(), bare, "colour must not move anything")
}

// A report speaks of evidence, never of certainty or of law.
func TestNoPromises(t *testing.T) {
	for _, r := range All {
		var b bytes.Buffer
		require.NoError(t, r.Render(&b, synthetic(8)))
		for _, word := range []string{"erased", "compliant", "guaranteed", "NaN", "%!"} {
			got := strings.ReplaceAll(b.String(), fixtureNaN, "")
			got = strings.ReplaceAll(got, markdownEscape(fixtureNaN), "")
			assert.NotContains(t, got, word, "%s", r.Name)
		}
	}
}

func TestLookup(t *testing.T) {
	r, err := Lookup("csv")
	require.NoError(t, err)
	assert.Equal(t, ".csv", r.Extension)
	_, err = Lookup("pdf")
	assert.EqualError(t, err, `unknown format "pdf": want one of text, markdown, latex, csv, json, junit`)
}

var errFull = errors.New("no space left on device")

type full struct{ room int }

func (f *full) Write(b []byte) (int, error) {
	if f.room -= len(b); f.room < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestEveryRendererReportsAFullDisk(t *testing.T) {
	for _, r := range All {
		for _, room := range []int{0, 4096} {
			assert.ErrorIs(t, r.Render(&full{room}, synthetic(8)), errFull, fmt.Sprintf("%s with room for %d bytes", r.Name, room))
		}
	}
}

func TestEmptyReport(t *testing.T) {
	for _, r := range All {
		var b bytes.Buffer
		require.NoError(t, r.Render(&b, &audit.Report{Schema: audit.Schema}), r.Name)
		assert.NotContains(t, b.String(), "NaN", r.Name)
	}
}

// A page too narrow for all criteria still says first how each model ended.
func TestVerdictsBeginWithTheOverallOutcome(t *testing.T) {
	table := NewVerdicts(synthetic(24))
	require.Equal(t, "overall", table.Columns[0].Head)
	first := layOut(table).fit(40)[0]
	require.Less(t, len(first), len(table.Columns), "the page is too wide to cut the table")
	assert.Equal(t, 0, first[0])
	got := map[string]string{}
	for _, row := range table.Rows {
		require.Len(t, row.Cells, len(table.Columns), row.Name)
		got[row.Name] = row.Cells[0].Text
	}
	for name, want := range map[string]string{
		"original": "FAIL", "decouple-cycles": "PASS", "noisy-labels": "ERROR", "held-out-retrain": "INCONCL.",
	} {
		assert.Equal(t, want, got[name], name)
	}
}

func TestKernelsAreShown(t *testing.T) {
	r := synthetic(4)
	assert.Contains(t, fmt.Sprint(NewDocument(r).Provenance), "x86-64 with AVX2}", "a report of before they were known")
	r.Runtime.Kernels = "ATen AVX2, OpenBLAS Haswell"
	assert.Contains(t, fmt.Sprint(NewDocument(r).Provenance), "x86-64 with AVX2 (ATen AVX2, OpenBLAS Haswell)}")
}
