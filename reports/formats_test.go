package reports

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/golden"
)

// runs are the folders that hold the JSON of the made-up report for other tests.
var runs = []string{"../audit/audittest/testdata/run", "../examples/gotest/testdata/run"}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	want := synthetic(16)
	require.NoError(t, JSON(&b, want))
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, audit.ReportFile), b.Bytes(), 0o644))
	got, err := audit.Load(dir)
	require.NoError(t, err)
	assert.Equal(t, want.Subjects, got.Subjects, "a report survives its own format")
	assert.Equal(t, want.Verdicts, got.Verdicts)
	for _, run := range runs {
		golden.File(t, b.Bytes(), run, audit.ReportFile)
	}
}

func TestJSONRefusesNaN(t *testing.T) {
	r := synthetic(8)
	r.Subjects[0].Samples[0].Values[0] = math.NaN()
	assert.ErrorContains(t, JSON(io.Discard, r), "render json: json: unsupported value: NaN")
}

func TestSchema(t *testing.T) {
	s, err := Schema()
	require.NoError(t, err)
	text, err := json.MarshalIndent(s, "", "  ")
	require.NoError(t, err)
	golden.File(t, append(text, '\n'), "testdata", "report.schema.json")
	resolved, err := s.Resolve(nil)
	require.NoError(t, err)
	var b bytes.Buffer
	r := synthetic(8)
	for k, name := range []string{"original", "decouple"} {
		x, ok := r.Subject(name)
		require.True(t, ok)
		shadow := *x
		shadow.Name, shadow.Role = audit.ShadowOf(name, k+1), audit.RoleShadow
		r.Shadows = append(r.Shadows, shadow)
	}
	r.Plan.Shadows = 2
	require.NoError(t, JSON(&b, r))
	parse := func(from, to string) any {
		text := strings.Replace(b.String(), from, to, 1)
		if from != to {
			require.NotEqual(t, b.String(), text, "%q is not in the report", from)
		}
		var doc any
		require.NoError(t, json.Unmarshal([]byte(text), &doc))
		return doc
	}
	require.NoError(t, resolved.Validate(parse("", "")))
	for _, bad := range [][2]string{
		{`"lambda"`, `"lambada"`}, {`"PASS"`, `"PASSED"`}, {`"lethe.report/v1"`, `"lethe.report/v2"`},
		{`"role": "method"`, `"role": "hero"`}, {`"role": "shadow"`, `"role": "ghost"`},
		{`"direction": "lower"`, `"direction": "down"`}, {`"unit": "image"`, `"unit": "pixel"`},
		{`"retain": 384`, `"retain": "384"`}, {`"planDigest": "`, `"planDigest": "x`},
	} {
		assert.Error(t, resolved.Validate(parse(bad[0], bad[1])), "%s instead of %s", bad[1], bad[0])
	}
}

func TestCSVHoldsEveryNumber(t *testing.T) {
	var b bytes.Buffer
	r := synthetic(8)
	require.NoError(t, CSV(&b, r))
	rows, err := csv.NewReader(&b).ReadAll()
	require.NoError(t, err)
	count := map[string]int{}
	for _, row := range rows[1:] {
		count[row[0]]++
	}
	want := map[string]int{"claim": len(r.Claims), "verdict": len(r.Verdicts)}
	for _, s := range r.Subjects {
		want["sample"] += len(s.Samples)
		want["statistic"] += len(s.Statistics)
		if s.Cost.Seconds > 0 {
			want["cost"] += 5
		}
		if s.Error != "" {
			want["error"]++
		}
	}
	for _, v := range r.Verdicts {
		want["finding"] += len(v.Findings)
	}
	assert.Equal(t, want, count)
}

func TestJUnitCounts(t *testing.T) {
	var b bytes.Buffer
	r := synthetic(8)
	require.NoError(t, JUnit(&b, r))
	var got junitSuites
	require.NoError(t, xml.Unmarshal(b.Bytes(), &got))
	failed, open := 0, 0
	for _, v := range r.Verdicts {
		switch v.Outcome {
		case audit.Fail:
			failed++
		case audit.Inconclusive:
			open++
		}
	}
	assert.Equal(t, failed+1, got.Failed, "every FAIL, and the claim that does not hold")
	assert.Equal(t, open+2, got.Skipped, "every INCONCLUSIVE, and the undecided claims")
	assert.Equal(t, 1, got.Errors, "the model that ended in an error")
	assert.Equal(t, len(r.Verdicts)+len(r.Claims)+1, got.Tests)
}

// A plan's names reach every format; none may become markup.
func TestHostileNames(t *testing.T) {
	const name = "a_b$%&#{}^~\\|<script>*`[x](y)\x01\x1b[2J\n\"'"
	r := synthetic(8)
	for i := range r.Verdicts {
		if r.Verdicts[i].Subject == "decouple" {
			r.Verdicts[i].Subject = name
		}
	}
	s, _ := r.Subject("decouple")
	s.Name = name
	for _, f := range All {
		var b bytes.Buffer
		require.NoError(t, f.Render(&b, r), f.Name)
		switch f.Name {
		case "markdown":
			assert.Contains(t, b.String(), "a\\_b$%&amp;\\#")
			assert.NotContains(t, b.String(), "<script>")
		case "latex":
			assert.Contains(t, b.String(), `a\_b\$\%\&\#\{\}\textasciicircum{}\textasciitilde{}\textbackslash{}|\textless{}script\textgreater{}`)
		case "csv":
			_, err := csv.NewReader(&b).ReadAll()
			require.NoError(t, err)
		case "junit":
			require.NoError(t, xml.Unmarshal(b.Bytes(), new(junitSuites)))
		case "text":
			assert.False(t, strings.ContainsAny(b.String(), "\x01\x1b"), "control characters reach no terminal")
		}
	}
}
