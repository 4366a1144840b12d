package criteria

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/audit"
)

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
		{"another identity", "membership", `cannot be compared: "another way" and "reconstruction-error v1"`,
			func(s []*audit.Subject) []*audit.Subject {
				sample(last(s), "reconstruction-error").Identity = "another way"
				return s
			}},
		{"another identity of an oracle", "realism", `of honest and oracle-2 cannot be compared: "fd v1" and "fd v2"`,
			func(s []*audit.Subject) []*audit.Subject {
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
		{"a distance nobody has", "realism", "has no sample of the distance to the other retrained models",
			func(s []*audit.Subject) []*audit.Subject {
				for _, m := range s {
					m.Samples = slices.DeleteFunc(m.Samples, func(x audit.Sample) bool { return strings.HasPrefix(x.Quantity, "oracle-fd") })
				}
				return s
			}},
		{"a trigger on other images", "backdoor", "with and without the trigger are about other images",
			func(s []*audit.Subject) []*audit.Subject {
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
		{"not a number in an oracle", "realism", "oracle-1: sample oracle-fd(fixture)/image/forget: value 0 is NaN",
			func(s []*audit.Subject) []*audit.Subject {
				sample(s[1], "oracle-fd(fixture)").Values[0] = math.NaN()
				return s
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			vs := judge(c.change)
			for _, x := range all() {
				v := verdictOf(vs, "honest", x.Name)
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
			v := verdictOf(Judge(all(), c.subjects, alpha), "honest", x.Name)
			assert.Equal(t, audit.Inconclusive, v.Outcome, x.Name)
			assert.Contains(t, v.Reason, c.says, x.Name)
		}
	}
	// A fault is a fault, with or without a control.
	m := model{name: "m", kind: "fine-tune", role: audit.RoleMethod, retain: 1}
	vs := Judge(all(), slices.DeleteFunc(newWorld(6).audit(m), func(s *audit.Subject) bool { return s.Kind == "random-weights" }), alpha)
	assert.Equal(t, audit.Fail, verdictOf(vs, "m", "utility").Outcome)
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
	v := verdictOf(Judge([]Named{{Name: "stub", Criterion: stub{}}}, subjects, alpha), "honest", "stub")
	assert.Equal(t, audit.NotApplicable, v.Outcome)
	assert.Equal(t, "the criterion does not concern this model", v.Reason)
	v = verdictOf(Judge([]Named{{Name: "stub", Criterion: stub{err: errors.New("no such thing")}}}, subjects, alpha), "honest", "stub")
	assert.Equal(t, audit.NotRun, v.Outcome)
	assert.Equal(t, "nothing was judged: no such thing", v.Reason)
	for _, s := range subjects {
		if s.Name == "honest" {
			s.Error, s.Unfit, s.Samples = "it has no encoder", true, nil
		}
	}
	for _, v := range Judge(all(), subjects, alpha) {
		if v.Subject == "honest" {
			assert.Equal(t, audit.NotApplicable, v.Outcome)
			assert.Equal(t, "it has no encoder", v.Reason)
		}
	}
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
