package criteria

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lethe-audit/lethe/audit"
)

// TestHonestRetrains simulates 300 audits of one more retrained model, drawn as
// the four oracles are: it is accused by less than one in a hundred, and passes
// most of them. In the same audits the original must be accused.
func TestHonestRetrains(t *testing.T) {
	const audits = 300
	accused, passed := 0, 0
	by := map[string]int{}
	caught := map[string]int{}
	for seed := range uint64(audits) {
		vs := Judge(all(), newWorld(seed).audit(honest), alpha)
		var mine []audit.Verdict
		for _, v := range vs {
			if v.Subject == "honest" {
				mine = append(mine, v)
				by[v.Criterion+" "+v.Outcome.String()]++
			}
			if v.Outcome == audit.Fail {
				caught[v.Subject+" "+v.Criterion]++
			}
		}
		switch audit.Overall(mine) {
		case audit.Fail:
			accused++
		case audit.Pass:
			passed++
		}
	}
	t.Logf("accused %d, passed all %d of %d; %v", accused, passed, audits, by)
	t.Logf("failed: %v", caught)
	assert.Less(t, accused, audits/100+1, "an honest retrain is accused")
	assert.Greater(t, passed, audits/2)
	for _, c := range all() {
		assert.Greater(t, by[c.Name+" PASS"], audits*3/4, c.Name)
	}
	for _, c := range []string{"original membership", "original backdoor", "original ood", "random-weights realism",
		"random-weights utility"} {
		assert.Equal(t, audits, caught[c], c)
	}
}

// TestDishonestModels: each fault is found by its criterion.
func TestDishonestModels(t *testing.T) {
	for _, c := range []struct {
		criterion string
		m         model
		want      audit.Outcome
	}{
		{"membership", model{forget: -0.5}, audit.Fail},
		{"membership", model{forget: 0.5}, audit.Fail},              // overshot
		{"membership", model{forget: -0.3, test: -0.3}, audit.Pass}, // less fitted everywhere
		{"membership", model{kept: 0.3}, audit.Fail},
		{"backdoor", model{trigger: -0.3}, audit.Fail},
		{"ood", model{displaced: -1}, audit.Fail},
		{"ood", model{displaced: 1}, audit.Pass}, // further away is no fault of this criterion
		{"realism", model{spread: -0.5}, audit.Fail},
		{"realism", model{spread: 0.5}, audit.Fail},
		{"realism", model{gradient: -1}, audit.Fail},
		{"realism", model{distance: 0.5}, audit.Fail},
		{"realism", model{distance: -0.5}, audit.Pass},
		{"realism", model{fd: 2}, audit.Fail},
		{"realism", model{fd: -2}, audit.Pass},
		{"utility", model{retain: 1}, audit.Fail},
		{"utility", model{test: 0.4}, audit.Fail},
		{"utility", model{retain: -1, test: -0.4}, audit.Pass}, // better is no fault
	} {
		t.Run(fmt.Sprintf("%s %+v", c.criterion, c.m), func(t *testing.T) {
			c.m.name, c.m.kind, c.m.role = "m", "method", audit.RoleMethod
			found := 0
			for seed := range uint64(10) {
				v := verdictOf(Judge(only(c.criterion), newWorld(seed).audit(c.m), alpha), "m", c.criterion)
				if v.Outcome == c.want {
					found++
				}
				if v.Outcome != audit.Inconclusive {
					assert.Equal(t, c.want, v.Outcome, "seed %d: %s", seed, v.Reason)
				}
			}
			assert.GreaterOrEqual(t, found, 6)
		})
	}
}

// TestKeptImages: a share of forget images that are still known hides in the mean, which alone would let most pass,
// and not from the count; at the margin itself at most one in twenty passes.
func TestKeptImages(t *testing.T) {
	const audits = 60
	for _, c := range []struct {
		kept         float64
		pass, accuse [2]int // least and most
	}{
		{0, [2]int{audits * 9 / 10, audits}, [2]int{0, 1}},
		{0.17, [2]int{0, audits / 20}, [2]int{0, audits / 4}},
		{0.25, [2]int{0, 0}, [2]int{audits / 4, audits}},
		{0.5, [2]int{0, 0}, [2]int{audits, audits}},
	} {
		passed, accused, byMean := 0, 0, 0
		for seed := range uint64(audits) {
			v := verdictOf(Judge(only("membership"), newWorld(seed).audit(model{name: "m", kind: "method", role: audit.RoleMethod,
				kept: c.kept}), alpha), "m", "membership")
			switch v.Outcome {
			case audit.Pass:
				passed++
			case audit.Fail:
				accused++
			}
			if v.Findings[0].PEqual < alpha {
				byMean++
			}
		}
		t.Logf("kept %v: passed %d, accused %d; the mean alone would pass %d", c.kept, passed, accused, byMean)
		assert.True(t, passed >= c.pass[0] && passed <= c.pass[1], "kept %v: passed %d of %d", c.kept, passed, audits)
		assert.True(t, accused >= c.accuse[0] && accused <= c.accuse[1], "kept %v: accused %d of %d", c.kept, accused, audits)
	}
}

// TestTheOriginalAgain: a method that changes nothing gets the original's verdicts.
func TestTheOriginalAgain(t *testing.T) {
	for seed := range uint64(8) {
		subjects := newWorld(seed).audit()
		again := *subjects[0]
		again.Name, again.Kind, again.Role = "nothing-done", "fine-tune", audit.RoleMethod
		vs := Judge(all(), append(subjects, &again), alpha)
		for _, c := range all() {
			v, o := verdictOf(vs, "nothing-done", c.Name), verdictOf(vs, "original", c.Name)
			o.Subject = v.Subject
			assert.Equal(t, o, v)
		}
		for _, c := range []string{"membership", "backdoor", "ood"} {
			assert.Equal(t, audit.Fail, verdictOf(vs, "nothing-done", c).Outcome, c)
		}
	}
}

// TestNoPowerVouchesForNobody: where the model that must differ does not, nobody
// passes, honest models included.
func TestNoPowerVouchesForNobody(t *testing.T) {
	for seed := range uint64(40) {
		w := newWorld(seed)
		subjects := w.audit(honest)
		blind, mute := honest, honest
		blind.name, blind.kind, blind.role = "original", "original", audit.RoleOriginal
		mute.name, mute.kind = "random-weights", "random-weights"
		subjects[0] = w.subject(blind)
		for i, s := range subjects {
			if s.Kind == "random-weights" {
				subjects[i] = w.subject(mute)
			}
		}
		for _, v := range Judge(all(), subjects, alpha) {
			assert.NotEqual(t, audit.Pass, v.Outcome, "%s, %s: %s", v.Subject, v.Criterion, v.Reason)
			if v.Outcome == audit.Inconclusive {
				assert.Contains(t, v.Reason, "no power: ")
			}
		}
	}
}

// TestFewImages: with three images nothing is decided, whatever the estimates.
func TestFewImages(t *testing.T) {
	for seed := range uint64(8) {
		w := newWorld(seed)
		w.forget, w.poisoned, w.retain, w.test, w.trig = 3, 3, 3, 3, 3
		for _, v := range Judge(all(), w.audit(honest), alpha) {
			if v.Subject == "honest" {
				assert.NotEqual(t, audit.Fail, v.Outcome, v.Reason)
			}
		}
	}
}
