package power_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/audit/stats"
)

// level is a criterion on the mean of one quantity.
type level struct {
	quantity string
	margin   float64
}

func (level) Needs() (metrics, attacks []string) { return nil, nil }
func (level) Control() string                    { return "original" }
func (level) Words() criteria.Words              { return criteria.Words{Seeks: criteria.Influence} }

func (c level) Compare(subject, _ *audit.Subject, oracles []*audit.Subject) ([]criteria.Comparison, error) {
	of := func(s *audit.Subject) []float64 {
		x, _ := s.Sample(c.quantity, audit.Hole, audit.Forget)
		return x.Values
	}
	var theirs [][]float64
	for _, o := range oracles {
		theirs = append(theirs, of(o))
	}
	e, err := stats.PairedEffect(of(subject), theirs)
	return []criteria.Comparison{{Name: c.quantity, Effect: e, Region: stats.Within(c.margin), Margin: c.margin, Sides: "both"}}, err
}

// world draws models of two quantities: their means go together by half, and vary by
// seed from model to model and by image from image to image.
type world struct {
	rng         *rand.Rand
	seed, image float64
	images      int
}

func (w *world) model(name, kind string, role audit.Role, shift float64) *audit.Subject {
	s := &audit.Subject{Name: name, Kind: kind, Role: role}
	common := w.rng.NormFloat64()
	for _, q := range []string{"a", "b"} {
		mean := shift + w.seed*(common+w.rng.NormFloat64())/1.4142
		x := audit.Sample{Quantity: q, View: audit.Hole, Part: audit.Forget, Unit: audit.PerImage, Identity: "1", Direction: audit.Neutral}
		for i := range w.images {
			x.Index, x.Values = append(x.Index, i), append(x.Values, mean+w.image*w.rng.NormFloat64())
		}
		s.Samples = append(s.Samples, x)
	}
	return s
}

// audit is the original and the retrained models.
func (w *world) audit(oracles int) []*audit.Subject {
	out := []*audit.Subject{w.model("original", "original", audit.RoleOriginal, -10)}
	for range oracles {
		out = append(out, w.oracle(len(out)))
	}
	return out
}

func (w *world) oracle(k int) *audit.Subject {
	return w.model("oracle-"+string(rune('a'+k)), "retrain", audit.RoleOracle, 0)
}

// passes judges one more model, whose mean is moved by shift: a PASS of every comparison at level 0.05.
func (w *world) passes(t testing.TB, family []criteria.Named, subjects []*audit.Subject, shift float64) bool {
	t.Helper()
	return passes(t, family, w.model("subject", "x", audit.RoleMethod, shift), subjects[1:])
}

func passes(t testing.TB, family []criteria.Named, s *audit.Subject, oracles []*audit.Subject) bool {
	t.Helper()
	for _, c := range family {
		cmp, err := c.Compare(s, nil, oracles)
		require.NoError(t, err)
		if cmp[0].PEqual() >= 0.05 {
			return false
		}
	}
	return true
}

func family(margin float64) []criteria.Named {
	return []criteria.Named{{Name: "a", Criterion: level{"a", margin}}, {Name: "b", Criterion: level{"b", margin}}}
}
