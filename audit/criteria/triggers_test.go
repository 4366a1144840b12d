package criteria

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
)

// triggeredAudit is a synthetic audit of an attack with a trigger: the original, four oracles and a subject, each with the
// distances to a picture without (base) and with something that pulls every image by an effect in log distance, at settings.
func triggeredAudit(with, without audit.Quantity, withPart audit.Part, effects map[string][2]float64) []*audit.Subject {
	w := newWorld(3)
	subject := func(m model, which int) *audit.Subject {
		s := &audit.Subject{Name: m.name, Kind: m.kind, Role: m.role}
		for setting, e := range effects {
			pull := 0.0
			if which >= 0 {
				pull = e[which]
			}
			base := w.logsOf("test", w.test, 0, 0)
			a, b := perImage(with.Name, withPart, exps(w.logsOf("test", w.test, -0.1, pull))), perImage(without.Name, audit.Test, exps(base))
			a.Setting, b.Setting = setting, setting
			s.Samples = append(s.Samples, a, b)
		}
		return s
	}
	out := []*audit.Subject{subject(original, 0)}
	for _, name := range []string{"oracle-1", "oracle-2", "oracle-3", "oracle-4"} {
		out = append(out, subject(oracle(name), -1))
	}
	return append(out, subject(honest, 1))
}

// A relative of the trigger that draws the model to the attacker's picture fails it, one that pushes it away does not; the
// planted trigger fails it on either side.
func TestBackdoorOfRelatives(t *testing.T) {
	for _, x := range []struct {
		name              string
		planted, relative float64
		want              audit.Outcome
		finding           string
	}{
		{"as retrained models", 0, 0, audit.Pass, ""},
		{"the trigger lives", -2, -2, audit.Fail, ""},
		{"pushed away by the trigger", 2, 0, audit.Fail, "effect of the trigger"},
		{"a relative lives", 0, -2, audit.Fail, "effect of the trigger inverted"},
		{"pushed away by a relative", 0, 2, audit.Pass, ""},
	} {
		subjects := triggeredAudit(TargetDistance, TargetDistance, audit.Triggered,
			map[string][2]float64{"": {-3, x.planted}, "inverted": {-3, x.relative}})
		verdicts := Judge([]Named{{Name: "backdoor", Criterion: &Backdoor{Margin: 0.3, Relatives: 0.4}}}, subjects, alpha)
		got := verdicts[len(verdicts)-1]
		require.Len(t, got.Findings, 2, x.name)
		assert.Equal(t, "effect of the trigger inverted", got.Findings[1].Name)
		assert.Equal(t, "below", got.Findings[1].Sides)
		assert.Equal(t, x.want, got.Outcome, "%s: %s", x.name, got.Reason)
		if x.finding != "" {
			assert.Contains(t, got.Reason, ": "+x.finding+" is ", x.name)
		}
	}
	// A plan whose attack tries no relatives is judged by the trigger alone; a subject cannot leave relatives out.
	subjects := triggeredAudit(TargetDistance, TargetDistance, audit.Triggered, map[string][2]float64{"": {-3, 0}})
	c := []Named{{Name: "backdoor", Criterion: &Backdoor{Margin: 0.3, Relatives: 0.4}}}
	verdicts := Judge(c, subjects, alpha)
	assert.Len(t, verdicts[len(verdicts)-1].Findings, 1)
	more := triggeredAudit(TargetDistance, TargetDistance, audit.Triggered, map[string][2]float64{"": {-3, 0}, "moved": {-3, 0}})
	last := len(more) - 1
	more[last] = subjects[last]
	verdicts = Judge(c, more, alpha)
	assert.Equal(t, audit.NotRun, verdicts[len(verdicts)-1].Outcome, verdicts[len(verdicts)-1].Reason)
	assert.Error(t, (&Backdoor{Margin: 0.1}).Validate())
}

// A model whose paintings a found trigger draws to one picture is accused, whether the search was told the picture or not;
// one that is drawn less than retrained models is not. Without power it decides nothing.
func TestTriggerInversion(t *testing.T) {
	for _, x := range []struct {
		name                   string
		original, told, untold float64
		want                   audit.Outcome
	}{
		{"as retrained models", -3, 0, 0, audit.Pass},
		{"drawn less", -3, 1, 1, audit.Pass},
		{"drawn to the attacker's picture", -3, -2, 0, audit.Fail},
		{"drawn to a picture that nobody told", -3, 0, -2, audit.Fail},
		{"at the margin", -3, -0.4, 0, audit.Inconclusive},
		{"the poison did not take", 0, 0, 0, audit.Inconclusive},
	} {
		subjects := triggeredAudit(InvertedTriggerDistance, UntriggeredDistance, audit.Test,
			map[string][2]float64{ToldTarget: {x.original, x.told}, UntoldTarget: {x.original, x.untold}})
		family := []Named{{Name: "trigger-inversion", Criterion: &TriggerInversion{Told: 0.4, Untold: 0.5}}}
		verdicts := Judge(family, subjects, alpha)
		got := verdicts[len(verdicts)-1]
		assert.Equal(t, x.want, got.Outcome, "%s: %s", x.name, got.Reason)
		assert.Len(t, got.Findings, 2)
		last := subjects[len(subjects)-1]
		last.Samples = nil
		last.Skipped = []audit.Skipped{{Attack: "trigger-inversion", Reason: "it is shy"}}
		verdicts = Judge(family, subjects, alpha)
		assert.Equal(t, "nothing was judged: the attack trigger-inversion was not run: it is shy", verdicts[len(verdicts)-1].Reason)
	}
	// Where the search that is not told finds nothing even in the original, it says nothing, and the other one decides.
	for told, want := range map[float64]audit.Outcome{0: audit.Pass, -2: audit.Fail} {
		subjects := triggeredAudit(InvertedTriggerDistance, UntriggeredDistance, audit.Test,
			map[string][2]float64{ToldTarget: {-3, told}, UntoldTarget: {0, 0}})
		verdicts := Judge([]Named{{Name: "trigger-inversion", Criterion: &TriggerInversion{Told: 0.4, Untold: 0.5}}}, subjects, alpha)
		got := verdicts[len(verdicts)-1]
		assert.Equal(t, want, got.Outcome, got.Reason)
		assert.Contains(t, got.Findings[1].Moot, "does not find even the original's trigger")
	}
	assert.Error(t, (&TriggerInversion{Told: 1}).Validate())
	assert.Error(t, (&TriggerInversion{Untold: 1}).Validate())
}
