package criteria

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// clone copies subjects deeply.
func clone(t testing.TB, s []*audit.Subject) []*audit.Subject {
	t.Helper()
	b, err := json.Marshal(s)
	require.NoError(t, err)
	var out []*audit.Subject
	require.NoError(t, json.Unmarshal(b, &out))
	return out
}

// TestJudgeIsPure: the same verdicts twice and from stored samples, and untouched
// inputs.
func TestJudgeIsPure(t *testing.T) {
	subjects := newWorld(1).audit(honest)
	before := clone(t, subjects)
	first := Judge(all(), subjects, alpha)
	assert.Equal(t, before, subjects, "the samples were changed")
	assert.Equal(t, first, Judge(all(), subjects, alpha))
	assert.Equal(t, first, Judge(all(), before, alpha), "samples that were stored and read")
	assert.Len(t, first, 3*len(all()), "every subject but the oracles, every criterion")
	for i, v := range first {
		assert.Equal(t, all()[i%len(all())].Name, v.Criterion, "by subject, then criterion")
		assert.Equal(t, alpha, v.Alpha)
	}
}

// TestOrderOfSubjects does not matter to any verdict; that of oracles moves sums
// by rounding alone.
func TestOrderOfSubjects(t *testing.T) {
	subjects := newWorld(2).audit(honest, model{name: "m", kind: "fine-tune", role: audit.RoleMethod, forget: -0.3, trigger: -0.08})
	want := Judge(all(), subjects, alpha)
	r := rand.New(rand.NewPCG(3, 3))
	for range 5 {
		mixed := slices.Clone(subjects)
		r.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		for _, v := range Judge(all(), mixed, alpha) {
			w := of(want, v.Subject, v.Criterion)
			assert.Equal(t, w.Outcome, v.Outcome)
			assert.Equal(t, w.Reason, v.Reason)
			assert.InDelta(t, w.PEqual, v.PEqual, 1e-9)
			assert.InDelta(t, w.PDiffer, v.PDiffer, 1e-9)
		}
	}
}

// TestOthersDoNotCount: a subject's verdicts do not depend on which other methods
// are audited.
func TestOthersDoNotCount(t *testing.T) {
	subjects := newWorld(4).audit(honest, model{name: "m", kind: "fine-tune", role: audit.RoleMethod, forget: -2})
	with, without := Judge(all(), subjects, alpha), Judge(all(), subjects[:len(subjects)-1], alpha)
	for _, c := range all() {
		assert.Equal(t, of(with, "honest", c.Name), of(without, "honest", c.Name))
	}
}

func TestHolmOverTheCriteriaOfASubject(t *testing.T) {
	for seed := range uint64(10) {
		vs := Judge(all(), newWorld(seed).audit(honest), alpha)
		for _, s := range []string{"original", "honest", "random-weights"} {
			var equal, differ, rawEqual, rawDiffer []float64
			for _, c := range all() {
				v := of(vs, s, c.Name)
				pe, pd := 0.0, 1.0
				for _, f := range v.Findings {
					pe, pd = max(pe, f.PEqual), min(pd, f.PDiffer)
					assert.GreaterOrEqual(t, v.PEqual, f.PEqual, "a verdict's p-value is never below its findings'")
				}
				pd = min(1, pd*float64(len(v.Findings)))
				assert.GreaterOrEqual(t, v.PDiffer, pd)
				equal, differ = append(equal, v.PEqual), append(differ, v.PDiffer)
				rawEqual, rawDiffer = append(rawEqual, pe), append(rawDiffer, pd)
			}
			assert.Equal(t, stats.Holm(rawEqual), equal)
			assert.Equal(t, stats.Holm(rawDiffer), differ)
		}
	}
}

func TestNotRun(t *testing.T) {
	judge := func(change func(subjects []*audit.Subject) []*audit.Subject) []audit.Verdict {
		return Judge(all(), change(newWorld(5).audit(honest)), alpha)
	}
	last := func(s []*audit.Subject) *audit.Subject { return s[len(s)-1] }
	sample := func(s *audit.Subject, quantity string) *audit.Sample {
		for i := range s.Samples {
			if s.Samples[i].Quantity == quantity {
				return &s.Samples[i]
			}
		}
		return nil
	}
	for _, c := range []struct {
		name, criterion, says string
		change                func([]*audit.Subject) []*audit.Subject
	}{
		{"one oracle", "", "nothing to compare with: 1 retrained models, at least 2 are needed", func(s []*audit.Subject) []*audit.Subject {
			return append([]*audit.Subject{s[0], s[1]}, s[5:]...)
		}},
		{"no oracle", "", "0 retrained models", func(s []*audit.Subject) []*audit.Subject { return append(s[:1:1], s[5:]...) }},
		{"an error", "", "the model could not be made: diverged: the loss is NaN", func(s []*audit.Subject) []*audit.Subject {
			last(s).Error, last(s).Samples = "diverged: the loss is NaN", nil
			return s
		}},
		{"another identity", "membership", `cannot be compared: "another way" and "reconstruction-error v1"`, func(s []*audit.Subject) []*audit.Subject {
			sample(last(s), "reconstruction-error").Identity = "another way"
			return s
		}},
		{"another identity of an oracle", "realism", `of honest and oracle-2 cannot be compared: "fd v1" and "fd v2"`, func(s []*audit.Subject) []*audit.Subject {
			sample(s[2], "oracle-fd(fixture)").Identity = "fd v2"
			return s
		}},
		{"other images", "utility", "samples mse of honest and oracle-1 are about other images", func(s []*audit.Subject) []*audit.Subject {
			sample(last(s), "mse").Index[3] = 999
			return s
		}},
		{"images that are not named", "utility", "256 values for 0 images", func(s []*audit.Subject) []*audit.Subject {
			sample(last(s), "mse").Index = nil
			return s
		}},
		{"fewer images", "ood", "cannot be compared", func(s []*audit.Subject) []*audit.Subject {
			x := sample(last(s), "displacement")
			x.Values, x.Index = x.Values[1:], x.Index[1:]
			return s
		}},
		{"no images", "ood", "sample displacement/hole/forget is empty", func(s []*audit.Subject) []*audit.Subject {
			for _, m := range s {
				x := sample(m, "displacement")
				x.Values, x.Index = nil, nil
			}
			return s
		}},
		{"a missing sample", "backdoor", "honest has no sample target-distance of part triggered", func(s []*audit.Subject) []*audit.Subject {
			sample(last(s), "target-distance").Quantity = "something"
			return s
		}},
		{"poisoned images left out", "ood", "honest has no sample displacement of part poisoned", func(s []*audit.Subject) []*audit.Subject {
			last(s).Samples = slices.DeleteFunc(last(s).Samples, func(x audit.Sample) bool { return x.Part == audit.Poisoned })
			return s
		}},
		{"a distance left out", "realism", "honest has no sample oracle-fd(fixture) of part forget", func(s []*audit.Subject) []*audit.Subject {
			last(s).Samples = slices.DeleteFunc(last(s).Samples, func(x audit.Sample) bool { return strings.HasPrefix(x.Quantity, "oracle-fd") })
			return s
		}},
		{"a distance nobody has", "realism", "has no sample of the distance to the other retrained models", func(s []*audit.Subject) []*audit.Subject {
			for _, m := range s {
				m.Samples = slices.DeleteFunc(m.Samples, func(x audit.Sample) bool { return strings.HasPrefix(x.Quantity, "oracle-fd") })
			}
			return s
		}},
		{"a trigger on other images", "backdoor", "with and without the trigger are about other images", func(s []*audit.Subject) []*audit.Subject {
			for _, m := range s {
				for i := range m.Samples {
					if x := &m.Samples[i]; x.Quantity == "target-distance" && x.Part == audit.Test {
						x.Index[0] = 7777
					}
				}
			}
			return s
		}},
		{"not a number", "membership", "value 0 is NaN", func(s []*audit.Subject) []*audit.Subject {
			sample(last(s), "reconstruction-error").Values[0] = math.NaN()
			return s
		}},
		{"not a number in an oracle", "realism", "oracle-1: sample oracle-fd(fixture)/image/forget: value 0 is NaN", func(s []*audit.Subject) []*audit.Subject {
			sample(s[1], "oracle-fd(fixture)").Values[0] = math.NaN()
			return s
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			vs := judge(c.change)
			for _, x := range all() {
				v := of(vs, "honest", x.Name)
				if c.criterion != "" && c.criterion != x.Name {
					assert.NotEqual(t, audit.NotRun, v.Outcome, "%s: %s", x.Name, v.Reason)
					continue
				}
				assert.Equal(t, audit.NotRun, v.Outcome, x.Name)
				assert.Contains(t, v.Reason, c.says, x.Name)
				assert.Empty(t, v.Findings)
				assert.Equal(t, [2]float64{1, 1}, [2]float64{v.PEqual, v.PDiffer}, "no evidence")
			}
			_, err := json.Marshal(vs)
			require.NoError(t, err)
		})
	}
}

// TestMissingControls: without the model that must differ nobody passes, and the
// reason does not speak of a model that was never there.
func TestMissingControls(t *testing.T) {
	subjects := newWorld(6).audit(honest)
	without := func(kind string) []*audit.Subject {
		return slices.DeleteFunc(slices.Clone(subjects), func(s *audit.Subject) bool { return s.Kind == kind })
	}
	for _, c := range []struct {
		kind     string
		subjects []*audit.Subject
		says     string
	}{
		{"original", without("original"), "no power was shown: there is no model original"},
		{"random-weights", without("random-weights"), "no power was shown: there is no model random-weights"},
		{"random-weights", func() []*audit.Subject {
			s := clone(t, subjects)
			s[5].Error, s[5].Samples = "diverged", nil
			return s
		}(), "random-weights, which must be told from retrained models, could not be made"},
		{"random-weights", func() []*audit.Subject {
			s := clone(t, subjects)
			s[5].Samples = nil
			return s
		}(), "was not judged: random-weights has no sample"},
	} {
		for _, x := range all() {
			if x.Control() != c.kind {
				continue
			}
			v := of(Judge(all(), c.subjects, alpha), "honest", x.Name)
			assert.Equal(t, audit.Inconclusive, v.Outcome, x.Name)
			assert.Contains(t, v.Reason, c.says, x.Name)
		}
	}
	// A fault is a fault, with or without a control.
	m := model{name: "m", kind: "fine-tune", role: audit.RoleMethod, retain: 1}
	vs := Judge(all(), slices.DeleteFunc(newWorld(6).audit(m), func(s *audit.Subject) bool { return s.Kind == "random-weights" }), alpha)
	assert.Equal(t, audit.Fail, of(vs, "m", "utility").Outcome)
}

// stub is a criterion with given comparisons.
type stub struct {
	cmp []Comparison
	err error
}

func (s stub) Compare(*audit.Subject, *audit.Subject, []*audit.Subject) ([]Comparison, error) {
	return s.cmp, s.err
}
func (stub) Needs() (metrics, attacks []string) { return nil, nil }
func (stub) Control() string                    { return "original" }
func (stub) Words() Words {
	return Words{Pass: "it is the same", Fail: "it differs", NoPower: "nothing differs"}
}

func TestNotApplicable(t *testing.T) {
	subjects := newWorld(7).audit(honest)
	v := of(Judge([]Named{{"stub", stub{}}}, subjects, alpha), "honest", "stub")
	assert.Equal(t, audit.NotApplicable, v.Outcome)
	assert.Equal(t, "the criterion does not concern this model", v.Reason)
	v = of(Judge([]Named{{"stub", stub{err: errors.New("no such thing")}}}, subjects, alpha), "honest", "stub")
	assert.Equal(t, audit.NotRun, v.Outcome)
	assert.Equal(t, "nothing was judged: no such thing", v.Reason)
	assert.Empty(t, Judge(nil, subjects, alpha))
	assert.Empty(t, Judge(all(), nil, alpha))
}

// TestNothingVaries: an effect without spread is no evidence, either way.
func TestNothingVaries(t *testing.T) {
	subjects := newWorld(8).audit(honest)
	for _, s := range subjects {
		for i := range s.Samples {
			for k := range s.Samples[i].Values {
				s.Samples[i].Values[k] = 0.5
			}
		}
	}
	for _, v := range Judge(all(), subjects, alpha) {
		assert.Equal(t, audit.Inconclusive, v.Outcome, "%s %s: %s", v.Subject, v.Criterion, v.Reason)
	}
}

// TestVerdictsAreAlwaysJSON: whatever finite values are stored, verdicts hold no
// NaN and no infinity, and every outcome has a reason.
func TestVerdictsAreAlwaysJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(rapid.Uint64().Draw(t, "seed"))
		w.forget, w.poisoned, w.retain, w.test, w.trig = 3, 2, 2, 4, 3
		w.oracles = rapid.IntRange(0, 4).Draw(t, "oracles")
		subjects := w.audit(honest)
		value := rapid.SampledFrom([]float64{0, 1e-300, 1, 1, 2, 1e300, -1, math.MaxFloat64})
		for _, s := range subjects {
			for i := range s.Samples {
				switch rapid.IntRange(0, 5).Draw(t, "what") {
				case 0:
					v := value.Draw(t, "all")
					for k := range s.Samples[i].Values {
						s.Samples[i].Values[k] = v
					}
				case 1:
					for k := range s.Samples[i].Values {
						s.Samples[i].Values[k] = value.Draw(t, "each")
					}
				case 2:
					if rapid.IntRange(0, 9).Draw(t, "drop") == 0 {
						s.Samples[i].Values, s.Samples[i].Index = nil, nil
					}
				}
			}
		}
		vs := Judge([]Named{rapid.SampledFrom(all()).Draw(t, "criterion")}, subjects, alpha)
		_, err := json.Marshal(vs)
		require.NoError(t, err)
		for _, v := range vs {
			require.NotEmpty(t, v.Reason)
			require.True(t, v.PEqual >= 0 && v.PEqual <= 1 && v.PDiffer >= 0 && v.PDiffer <= 1)
		}
	})
}

// TestEstimatesByHand: a subject that is the oracles' mean moved by a known amount
// has that effect.
func TestEstimatesByHand(t *testing.T) {
	w := newWorld(9)
	subjects := w.audit()
	oracles := subjects[1:5]
	m := &audit.Subject{Name: "m", Kind: "fine-tune", Role: audit.RoleMethod}
	moved := map[string]float64{
		"reconstruction-error/hole/forget": 0.4, "reconstruction-error/hole/test": 0.1, "mse/hole/retain": 0.7, "mse/hole/test": -0.2,
		"target-distance/hole/triggered": -0.5, "target-distance/hole/test": 0.3, "spread/hole/forget": -0.6, "gradient/hole/forget": 0.8,
		"oracle-distance/hole/forget": 0.25, "oracle-fd(fixture)/image/forget": 0.9,
	}
	for i, x := range oracles[0].Samples {
		y := x
		y.Values = make([]float64, len(x.Values))
		for k := range y.Values {
			for _, o := range oracles {
				y.Values[k] += math.Log(o.Samples[i].Values[k]) / float64(len(oracles))
			}
			y.Values[k] = math.Exp(y.Values[k] + moved[x.Key()])
		}
		m.Samples = append(m.Samples, y)
	}
	vs := Judge(all(), append(subjects, m), alpha)
	for criterion, want := range map[string][]float64{
		"membership": {0.3}, "backdoor": {-0.8}, "realism": {-0.6, 0.8, 0.25, 0.9}, "utility": {0.7, -0.2},
	} {
		v := of(vs, "m", criterion)
		require.Len(t, v.Findings, len(want), "%s: %s", criterion, v.Reason)
		for i, f := range v.Findings {
			assert.InDelta(t, want[i], f.Estimate, 1e-9, f.Name)
			assert.LessOrEqual(t, f.Lo, f.Estimate)
			assert.GreaterOrEqual(t, f.Hi, f.Estimate)
			assert.InDelta(t, 1-2*alpha, f.Level, 1e-12)
			assert.Less(t, f.NullLo, f.NullHi, "the oracles among themselves")
			assert.Equal(t, len(oracles), f.Seeds)
			assert.Equal(t, f.Name != "test error", f.Powered, f.Name) // by it random weights are hardly told
		}
	}
	// λ by hand: the 10 % quantile of the pooled displacements of 4 oracles.
	var pool []float64
	share := func(s *audit.Subject, lambda float64) (k float64) {
		for _, x := range s.Samples {
			for _, v := range x.Values {
				if x.Quantity == "displacement" && v >= lambda {
					k++
				}
			}
		}
		return k / float64(w.forget+w.poisoned)
	}
	for _, o := range oracles {
		for _, x := range o.Samples {
			if x.Quantity == "displacement" {
				pool = append(pool, x.Values...)
			}
		}
	}
	slices.Sort(pool)
	lambda := pool[len(pool)/10]
	var theirs float64
	for _, o := range oracles {
		theirs += share(o, lambda) / 4
	}
	f := of(vs, "m", "ood").Findings[0]
	assert.InDelta(t, share(m, lambda)-theirs, f.Estimate, 1e-12)
	assert.InDelta(t, 0.9, theirs, 0.01)
	assert.Contains(t, f.Name, fmt.Sprintf("λ = %.3g", lambda))
}

// TestResampledByHand works out the effect of a set metric on two oracles and
// three resamples.
func TestResampledByHand(t *testing.T) {
	// Differences to the oracles' mean: 2; then 1, 2, 3.
	e, err := resampled([]float64{5, 3, 5, 7}, [][]float64{{2, 1, 2, 3}, {4, 3, 4, 5}})
	require.NoError(t, err)
	assert.InDelta(t, 2, e.Estimate, 1e-12)
	assert.InDelta(t, 1, e.ImageSE, 1e-12) // sd of 1, 2, 3
	assert.InDelta(t, 1, e.SeedSE, 1e-12)  // sd of 2, 4 is √2, over √2
	assert.InDelta(t, math.Sqrt2, e.SE, 1e-12)
	assert.InDelta(t, 4/(1./2+1./1), e.DF, 1e-12)
	assert.Equal(t, [2]int{3, 2}, [2]int{e.Images, e.Seeds})
	_, err = resampled([]float64{1, 2, 3}, [][]float64{{1, 2, 3}})
	require.ErrorContains(t, err, "needs two oracles")
	_, err = resampled([]float64{1, 2}, [][]float64{{1, 2}, {1, 2}})
	require.ErrorContains(t, err, "two resamples")
}

// TestGoldenVerdicts holds one verdict of every sort to its words.
func TestGoldenVerdicts(t *testing.T) {
	var b strings.Builder
	add := func(title string, v audit.Verdict) {
		fmt.Fprintf(&b, "%s\n  %s, %s: %s\n  %s\n", title, v.Subject, v.Criterion, v.Outcome, v.Reason)
		for _, w := range v.Warnings {
			fmt.Fprintf(&b, "  warning: %s\n", w)
		}
		for _, f := range v.Findings {
			fmt.Fprintf(&b, "  %s: %+.3f [%+.3f, %+.3f], margin %g %s, p equal %.2g, p differ %.2g, null %+.3f to %+.3f, %s at %+.3f powered %v; %s\n",
				f.Name, f.Estimate, f.Lo, f.Hi, f.Margin, f.Sides, f.PEqual, f.PDiffer, f.NullLo, f.NullHi, f.Control, f.ControlAt, f.Powered, f.Advice)
		}
	}
	guilty := model{name: "guilty", kind: "fine-tune", role: audit.RoleMethod, forget: -0.6, trigger: -1, displaced: -1, spread: -0.5, retain: 1}
	nearly := model{name: "nearly", kind: "fine-tune", role: audit.RoleMethod, forget: -0.13, trigger: -0.07, displaced: -0.2, spread: -0.16, test: 0.12}
	broken := &audit.Subject{Name: "broken", Kind: "decouple", Role: audit.RoleMethod, Error: "diverged: the gradient's norm is +Inf; lower the learning rate 5"}
	subjects := append(newWorld(10).audit(honest, guilty, nearly), broken)
	vs := Judge(all(), subjects, alpha)
	for _, s := range []string{"honest", "guilty", "nearly"} {
		for _, c := range all() {
			add("== "+s, of(vs, s, c.Name))
		}
	}
	add("== the original", of(vs, "original", "membership"))
	add("== an error", of(vs, "broken", "membership"))
	add("== one oracle", of(Judge(all(), append(subjects[:2:2], subjects[5:]...), alpha), "honest", "ood"))
	add("== no control", of(Judge(all(), subjects[1:], alpha), "honest", "backdoor"))
	w := newWorld(10)
	blind := honest
	blind.name, blind.kind, blind.role = "original", "original", audit.RoleOriginal
	powerless := append([]*audit.Subject{w.subject(blind)}, w.audit(honest)[1:]...)
	for _, c := range []string{"membership", "backdoor", "ood"} {
		add("== no power", of(Judge(all(), powerless, alpha), "honest", c))
	}
	add("== not applicable", of(Judge([]Named{{"stub", stub{}}}, subjects, alpha), "honest", "stub"))
	const file = "testdata/verdicts.txt"
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "run with -update to write it")
	require.Equal(t, string(want), b.String())
	for _, o := range []audit.Outcome{audit.NotRun, audit.Pass, audit.Fail, audit.Inconclusive, audit.NotApplicable} {
		assert.Contains(t, b.String(), ": "+o.String()+"\n", "every outcome is there")
	}
}

func TestCriteriaValidate(t *testing.T) {
	for _, c := range []struct {
		c    audit.Validator
		says string
	}{
		{&Membership{}, "margin is 0: want a positive margin"},
		{&Membership{Margin: math.Inf(1)}, "margin is +Inf"},
		{&Membership{Margin: math.NaN()}, "margin is NaN"},
		{&Backdoor{Margin: -1}, "margin is -1"},
		{&OOD{Margin: 0.1}, "quantile is 0: want a number between 0 and 1"},
		{&OOD{Margin: 0.1, Quantile: 1}, "quantile is 1"},
		{&OOD{Quantile: 0.1}, "margin is 0"},
		{&Realism{Gradient: 1, Distance: 1, FD: 1}, "spread is 0"},
		{&Realism{Spread: 1, Distance: 1, FD: 1}, "gradient is 0"},
		{&Realism{Spread: 1, Gradient: 1, FD: 1}, "distance is 0"},
		{&Realism{Spread: 1, Gradient: 1, Distance: 1}, "fd is 0"},
		{&Utility{Test: 1}, "retain is 0"},
		{&Utility{Retain: 1}, "test is 0"},
	} {
		assert.ErrorContains(t, c.c.Validate(), c.says, "%+v", c.c)
	}
	for _, e := range All {
		c := e.New()
		v, ok := c.(audit.Validator)
		require.True(t, ok, e.Name)
		assert.NoError(t, v.Validate(), "defaults of %s", e.Name)
		metrics, attacks := c.Needs()
		assert.NotEmpty(t, append(metrics, attacks...), e.Name)
		assert.Contains(t, []string{"original", "random-weights"}, c.Control(), e.Name)
		w := c.Words()
		assert.NotEmpty(t, w.Pass, e.Name)
		assert.NotEmpty(t, w.Fail, e.Name)
		assert.NotEmpty(t, w.NoPower, e.Name)
	}
}
