package criteria

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lethe-audit/lethe/audit"
)

// Every oracle is judged, by the others alone: its verdicts are those of the same model under another name.
func TestNull(t *testing.T) {
	subjects := newWorld(3).audit(honest)
	null := Null(all(), subjects, alpha)
	assert.Len(t, null, 4*len(all()))
	for _, v := range null {
		assert.NotEqual(t, audit.NotRun, v.Outcome)
		assert.NotEqual(t, audit.Fail, v.Outcome, "%s %s: %s", v.Subject, v.Criterion, v.Reason)
		assert.Empty(t, v.Findings)
	}
	for i, s := range subjects {
		if s.Name == "oracle-4" {
			moved := *s
			moved.Name, moved.Kind, moved.Role = "renamed", "retrain", audit.RoleMethod
			others := append(append([]*audit.Subject(nil), subjects[:i]...), subjects[i+1:]...)
			want := Judge(all(), append(others, &moved), alpha)
			for _, c := range all() {
				v, w := verdictOf(null, "oracle-4", c.Name), verdictOf(want, "renamed", c.Name)
				assert.Equal(t, w.PEqual, v.PEqual)
				assert.Equal(t, w.PDiffer, v.PDiffer)
			}
		}
	}
	few := newWorld(3)
	few.oracles = 2
	assert.Empty(t, Null(all(), few.audit(honest), alpha), "nobody is left to compare with")
}

// A PASS is a PASS of every comparison at its own level: an original that another comparison fails vouches for nobody.
func TestPowerOfEachComparison(t *testing.T) {
	const judged = "honest"
	w := newWorld(5)
	subjects := w.audit(honest)
	for _, s := range subjects {
		if s.Kind == "random-weights" { // its gradients are the retrained models', the rest is not
			for i, x := range s.Samples {
				if x.Quantity == "gradient" {
					s.Samples[i] = subjects[1].Samples[i]
				}
			}
		}
	}
	v := verdictOf(Judge(all(), subjects, alpha), judged, "realism")
	assert.Equal(t, audit.Inconclusive, v.Outcome)
	assert.Contains(t, v.Reason, "no power: by “gradient energy of painted pixels” alone random-weights")
}

// Where retrained models paint test images as the mean image does, there is nothing to lose on them.
func TestUtilityWithoutObject(t *testing.T) {
	subjects := newWorld(6).audit(honest, model{name: "worse", kind: "fine-tune", role: audit.RoleMethod, test: 0.5})
	set := func(level float64) []audit.Verdict {
		for _, s := range subjects {
			for i, x := range s.Samples {
				if x.Quantity == "mean-image-error" {
					test, _ := subjects[1].Sample("mse", audit.Hole, audit.Test)
					v := make([]float64, len(test.Values))
					for k := range v {
						v[k] = test.Values[k] * level
					}
					s.Samples[i].Values = v
				}
			}
		}
		return Judge(all(), subjects, alpha)
	}
	guessed, unguessed := set(2), set(1)
	assert.Equal(t, audit.Fail, verdictOf(guessed, "worse", "utility").Outcome)
	v := verdictOf(unguessed, "worse", "utility")
	assert.Equal(t, audit.Pass, v.Outcome, v.Reason)
	assert.Contains(t, v.Warnings[0], "test error is not applicable: retrained models do not paint test images better than the mean")
	for _, f := range v.Findings {
		assert.Equal(t, f.Name == "test error", f.Moot != "", f.Name)
	}
}

// What a FAIL shows depends on the side, and on whether test images are as different.
func TestFaults(t *testing.T) {
	method := func(m model) model {
		m.name, m.kind, m.role = "m", "fine-tune", audit.RoleMethod
		return m
	}
	for _, c := range []struct {
		name, criterion string
		m               model
		want            audit.Fault
	}{
		{"knows", "membership", model{forget: -1}, audit.Remembers},
		{"avoids", "membership", model{forget: 1}, audit.GivesAway},
		{"backdoor", "backdoor", model{trigger: -1}, audit.Remembers},
		{"pushed away", "backdoor", model{trigger: 1}, audit.GivesAway},
		{"still", "ood", model{displaced: -3}, audit.Remembers},
		{"mush", "realism", model{spread: -1}, audit.Quality},
		{"worse", "utility", model{retain: 2}, audit.Quality},
	} {
		v := verdictOf(Judge(all(), newWorld(8).audit(method(c.m)), alpha), "m", c.criterion)
		assert.Equal(t, audit.Fail, v.Outcome, c.name)
		assert.Equal(t, []audit.Fault{c.want}, v.Faults, c.name)
	}
}
