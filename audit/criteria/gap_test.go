package criteria

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
)

// gapped is a synthetic audit of an attack that leaves errors: one error of every forget and test image of the original,
// four oracles and a subject. Memory and known shift the original's and the subject's log errors of forget images,
// learns those of all the subject's images.
func gapped(name string, memory, known, learns float64) []*audit.Subject {
	w := newWorld(9)
	quantity, setting, _ := strings.Cut(name, "@")
	at := func(s audit.Sample) audit.Sample { s.Setting = setting; return s }
	subject := func(m model, forget, all float64) *audit.Subject {
		return &audit.Subject{Name: m.name, Kind: m.kind, Role: m.role, Samples: []audit.Sample{
			at(perImage(quantity, audit.Forget, exps(w.logsOf("forget", w.forget, -1.3, forget+all)))),
			at(perImage(quantity, audit.Test, exps(w.logsOf("test", w.test, -1.4, all)))),
		}}
	}
	out := []*audit.Subject{subject(original, memory, 0)}
	for _, name := range []string{"oracle-1", "oracle-2", "oracle-3", "oracle-4"} {
		out = append(out, subject(oracle(name), 0, 0))
	}
	return append(out, subject(honest, known, learns))
}

// The criteria of these attacks accuse a model whose forget images come back, and neither one that learns or paints all
// images better or worse, nor one that knows less than retrained models; without power they decide nothing.
func TestGap(t *testing.T) {
	judged := 0
	for _, e := range All {
		c, ok := e.New().(*Gap)
		if !ok {
			continue
		}
		judged++
		k := struct {
			name, quantity string
			margin         float64
		}{e.Name, c.quantity.Name, c.Margin}
		if e.Name == "neighbours" {
			k.quantity += "@0.1" // of a setting
		}
		metrics, attacks := c.Needs()
		assert.Empty(t, metrics)
		assert.Equal(t, []string{k.name}, attacks)
		assert.Equal(t, "original", c.Control())
		assert.NoError(t, c.Validate())
		for _, x := range []struct {
			name                  string
			memory, known, learns float64
			want                  audit.Outcome
		}{
			{"as retrained models", -1.2, 0, 0, audit.Pass},
			{"learns everything faster", -1.2, 0, -0.5, audit.Pass},
			{"learns everything more slowly", -1.2, 0, 0.5, audit.Pass},
			{"knows less of the forget images", -1.2, 0.5, 0, audit.Pass},
			{"the forget images come back", -1.2, -0.5, 0, audit.Fail},
			{"they come back, in a model that learns slowly", -1.2, -0.5, 0.5, audit.Fail},
			{"at the margin", -1.2, -k.margin, 0, audit.Inconclusive},
			{"the original cannot be told", 0, 0, 0, audit.Inconclusive},
		} {
			subjects := gapped(k.quantity, x.memory, x.known, x.learns)
			verdicts := Judge([]Named{{Name: k.name, Criterion: c}}, subjects, alpha)
			got := verdicts[len(verdicts)-1]
			assert.Equal(t, "honest", got.Subject)
			assert.Equal(t, x.want, got.Outcome, "%s, %s: %s", k.name, x.name, got.Reason)
		}
		bare := gapped(k.quantity, -1.2, 0, 0)
		bare[len(bare)-1].Samples = nil
		verdicts := Judge([]Named{{Name: k.name, Criterion: c}}, bare, alpha)
		assert.Equal(t, audit.NotRun, verdicts[len(verdicts)-1].Outcome, "a black box has no such samples")
		bare[len(bare)-1].Skipped = []audit.Skipped{{Attack: k.name, Reason: "it is shy"}}
		verdicts = Judge([]Named{{Name: k.name, Criterion: c}}, bare, alpha)
		assert.Equal(t, "nothing was judged: the attack "+k.name+" was not run: it is shy", verdicts[len(verdicts)-1].Reason)
	}
	assert.GreaterOrEqual(t, judged, 6)
}

// Every setting that the oracles were attacked with is a comparison, and a subject cannot leave one out.
func TestGapOfSettings(t *testing.T) {
	c := []Named{{Name: "neighbours", Criterion: neighbours()}}
	subjects, far := gapped("neighbour-error@0.1", -1.2, 0, 0), gapped("neighbour-error@0.5", -1.2, -0.6, 0)
	for i := range subjects {
		subjects[i].Samples = append(subjects[i].Samples, far[i].Samples...)
	}
	verdicts := Judge(c, subjects, alpha)
	got := verdicts[len(verdicts)-1]
	require.Len(t, got.Findings, 2)
	assert.Equal(t, "forget − test error on copies with noise 0.5", got.Findings[1].Name)
	assert.Equal(t, audit.Fail, got.Outcome, "one setting is enough")
	last := subjects[len(subjects)-1]
	last.Samples = last.Samples[:2]
	verdicts = Judge(c, subjects, alpha)
	assert.Equal(t, audit.NotRun, verdicts[len(verdicts)-1].Outcome)
}

// Where no retrained model's family has anything for the attack to measure, the criterion concerns nobody: it leaves the
// other criteria their share of α, and the overall outcome to them. A subject cannot say so of itself.
func TestGapIsMoot(t *testing.T) {
	family := []Named{{Name: "relearning", Criterion: relearning()}, {Name: "likelihood", Criterion: likelihood()}}
	moot := audit.Skipped{Attack: "likelihood", Moot: true, Reason: "its loss is the error of its painting"}
	subjects := gapped("relearned-error", -1.2, 0, 0)
	alone := Judge(family[:1], subjects, alpha)
	for _, s := range subjects {
		s.Skipped = []audit.Skipped{moot}
	}
	both := Judge(family, subjects, alpha)
	for _, v := range alone {
		assert.Equal(t, v, verdictOf(both, v.Subject, "relearning"))
		got := verdictOf(both, v.Subject, "likelihood")
		assert.Equal(t, audit.NotApplicable, got.Outcome)
		assert.Equal(t, "the attack likelihood does not concern this family of models: its loss is the error of its painting", got.Reason)
		assert.Equal(t, [2]float64{1, 1}, [2]float64{got.PEqual, got.PDiffer})
		assert.Equal(t, v.Outcome, audit.Overall([]audit.Verdict{v, got}))
	}
	last := len(subjects) - 1
	subjects[last].Skipped = []audit.Skipped{{Attack: "likelihood", Reason: "it can only be asked to paint"}}
	assert.Equal(t, audit.NotApplicable, verdictOf(Judge(family, subjects, alpha), "honest", "likelihood").Outcome,
		"a black box of such a family has no less")

	subjects = gapped("surprise", -1.2, 0, 0)
	subjects[last].Samples, subjects[last].Skipped = nil, []audit.Skipped{moot}
	got := verdictOf(Judge(family[1:], subjects, alpha), "honest", "likelihood")
	assert.Equal(t, audit.NotRun, got.Outcome)
	for _, s := range subjects[1:3] {
		s.Samples, s.Skipped = nil, []audit.Skipped{moot}
	}
	assert.Equal(t, audit.NotRun, verdictOf(Judge(family[1:], subjects, alpha), "honest", "likelihood").Outcome,
		"some retrained models have it")
}

// A gap of somebody else's attack is judged as those of Lethe's own are.
func TestNewGap(t *testing.T) {
	theirs := NewGap(0.2, Judged{Attack: "theirs", Quantity: audit.Quantity{Name: "left"}, Name: "forget − test",
		Unit: "log norm", Words: Words{Seeks: Influence}})
	_, attacks := theirs.Needs()
	assert.Equal(t, []string{"theirs"}, attacks)
	assert.Equal(t, Influence, theirs.Words().Seeks)
	require.NoError(t, theirs.Validate())
	require.Error(t, NewGap(0, Judged{}).Validate())
	w := gapped("left", -1, -1, 0)
	c, err := theirs.Compare(w[len(w)-1], w[0], w[1:len(w)-1])
	require.NoError(t, err)
	require.Len(t, c, 1)
	assert.Equal(t, "log norm", c[0].Scale)
	assert.InDelta(t, -1, c[0].Effect.Estimate, 0.1)
}
