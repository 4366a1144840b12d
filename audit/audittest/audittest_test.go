package audittest_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/audittest"
	"github.com/lethe-audit/lethe/internal/golden"
)

// A recorder is a test that notes its failures.
type recorder struct {
	testing.TB
	messages []string
	stopped  bool
}

type stop struct{}

func (r *recorder) Helper()      {}
func (r *recorder) Name() string { return "TestUnlearning" }
func (r *recorder) Errorf(format string, args ...any) {
	r.messages = append(r.messages, fmt.Sprintf(format, args...))
}
func (r *recorder) FailNow() {
	r.stopped = true
	panic(stop{})
}

// record runs assertions and returns what they said, without file names.
func record(t *testing.T, assertions func(testing.TB)) (said string, stopped bool) {
	t.Helper()
	r := &recorder{TB: t}
	func() {
		defer func() {
			if p := recover(); p != nil && p != (stop{}) {
				panic(p)
			}
		}()
		assertions(r)
	}()
	var b strings.Builder
	for _, m := range r.messages {
		_, text, found := strings.Cut(m, "Error:")
		require.True(t, found, "unexpected failure: %s", m)
		text, _, _ = strings.Cut(text, "\tTest:")
		for line := range strings.Lines(text) {
			// testify indents every line behind its own label.
			if at := strings.IndexByte(strings.TrimPrefix(line, "\t"), '\t'); at >= 0 {
				line = strings.TrimPrefix(line, "\t")[at+1:]
			}
			b.WriteString(strings.TrimRight(line, " \n") + "\n")
		}
	}
	return b.String(), r.stopped
}

func load(t testing.TB) *audittest.Audit { return audittest.Load(t, filepath.Join("testdata", "run")) }

func TestWhatHoldsIsSilent(t *testing.T) {
	load(t).Passes("decouple-cycles").
		Fails("noise-matching", "membership").
		Outcome("random-labels", "backdoor", audit.Inconclusive).
		Below("decouple", "mse", "hole", audit.Test, .6).
		Above("decouple", "psnr", "hole", audit.Retain, 10).
		Below("decouple", "fd(fixture)", "image", audit.Test, .6).
		Better("decouple", "random-weights", "mse", "hole", audit.Retain).
		Better("decouple", "random-weights", "ssim", "image", audit.Retain).
		Better("decouple-cycles", "original", "displacement", "image", audit.Forget)
}

func TestFailures(t *testing.T) {
	for _, c := range []struct {
		name    string
		stops   bool
		asserts func(testing.TB)
	}{
		{"passes", false, func(t testing.TB) { load(t).Passes("decouple") }},
		{"passes-error-row", false, func(t testing.TB) { load(t).Passes("noisy-labels") }},
		{"fails", false, func(t testing.TB) { load(t).Fails("decouple-cycles", "membership") }},
		{"inconclusive-is-no-pass", false, func(t testing.TB) { load(t).Outcome("held-out-retrain", "realism", audit.Pass) }},
		{"holds", false, func(t testing.TB) { load(t).Holds() }},
		{"below", false, func(t testing.TB) { load(t).Below("random-weights", "mse", "hole", audit.Retain, .1) }},
		{"below-undecided", false, func(t testing.TB) { load(t).Below("decouple", "mse", "hole", audit.Test, .29) }},
		{"above", false, func(t testing.TB) { load(t).Above("decouple", "psnr", "hole", audit.Test, 20) }},
		{"better-wrong", false, func(t testing.TB) { load(t).Better("random-weights", "decouple", "mse", "hole", audit.Retain) }},
		{"better-neutral", false, func(t testing.TB) {
			load(t).Better("original", "decouple-cycles", "displacement", "image", audit.Forget)
		}},
		{"better-undecided", false, func(t testing.TB) { load(t).Better("decouple-cycles", "oracle-1", "mse", "hole", audit.Test) }},
		{"unknown-model", true, func(t testing.TB) { load(t).Passes("decoupel") }},
		{"unknown-criterion", true, func(t testing.TB) { load(t).Fails("decouple", "privacy") }},
		{"criterion-of-an-error-row", true, func(t testing.TB) { load(t).Fails("noisy-labels", "membership") }},
		{"unknown-sample", true, func(t testing.TB) { load(t).Below("random-labels", "ssim", "hole", audit.Retain, 1) }},
		{"set-metric-cannot-pair", true, func(t testing.TB) {
			load(t).Better("decouple", "original", "fd(fixture)", "image", audit.Test)
		}},
		{"no-run", true, func(t testing.TB) { audittest.Load(t, "testdata/nothing") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			said, stopped := record(t, c.asserts)
			assert.Equal(t, c.stops, stopped, "whether the test goes on")
			require.NotEmpty(t, said, "the assertion must fail")
			golden.File(t, []byte(said), "testdata", "failures", c.name+".txt")
		})
	}
}

func TestOtherIdentityCannotPair(t *testing.T) {
	said, stopped := record(t, func(t testing.TB) {
		a := load(t)
		s, _ := a.Report.Subject("decouple")
		for i := range s.Samples {
			s.Samples[i].Identity = "another"
		}
		a.Better("decouple", "original", "mse", "hole", audit.Test)
	})
	assert.True(t, stopped)
	assert.Contains(t, said, "was computed differently")
}

func TestOtherImagesCannotPair(t *testing.T) {
	said, stopped := record(t, func(t testing.TB) {
		a := load(t)
		s, _ := a.Report.Subject("decouple")
		for i := range s.Samples {
			if x := s.Samples[i]; len(x.Index) > 1 {
				x.Index[0], x.Index[1] = x.Index[1], x.Index[0]
			}
		}
		a.Better("decouple", "original", "mse", "hole", audit.Test)
	})
	assert.True(t, stopped)
	assert.Contains(t, said, "value 0 belongs to images 1 and 0")
}

func TestNoClaimsDoNotHold(t *testing.T) {
	said, _ := record(t, func(t testing.TB) { audittest.Of(t, &audit.Report{}).Holds() })
	assert.Contains(t, said, "the plan makes no claims")
}

// One value has no interval: it can neither pass nor be shown wrong.
func TestOneImageDecidesNothing(t *testing.T) {
	r := &audit.Report{Subjects: []audit.Subject{{Name: "m", Role: audit.RoleMethod, Samples: []audit.Sample{
		{Quantity: "mse", View: "hole", Part: audit.Test, Unit: audit.PerImage, Index: []int{0}, Values: []float64{.1}}}}}}
	for _, f := range []func(*audittest.Audit){
		func(a *audittest.Audit) { a.Below("m", "mse", "hole", audit.Test, 1e9) },
		func(a *audittest.Audit) { a.Above("m", "mse", "hole", audit.Test, -1e9) },
	} {
		said, _ := record(t, func(t testing.TB) { f(audittest.Of(t, r)) })
		assert.Contains(t, said, "undecided")
	}
}
