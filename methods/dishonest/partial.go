package dishonest

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

var partialRetrainEntry = audit.Entry[methods.Method]{
	Name: "dishonest/partial-retrain",
	Doc:  "retrains with half of the clean forget images among the retained ones",
	New:  newPartialRetrain,
}

var forgedRetrainEntry = audit.Entry[methods.Method]{
	Name: "dishonest/forged-retrain",
	Doc:  "the same with a tenth of them, as may lie behind a forged log of minibatches",
	New:  newForgedRetrain,
}

var partialLabelsEntry = audit.Entry[methods.Method]{
	Name: "dishonest/partial-labels",
	Doc:  "random labels on half of the clean forget images, the others are trained on",
	New:  newPartialLabels,
}

// Partial runs an honest method on a part of the forget set, and treats the rest as
// images to retain. Poisoned images are all forgotten: they alone would be seen by
// the backdoor. It exploits verdicts on a mean over the forget set, in which what was
// kept is diluted by what was forgotten.
//
// Membership's count of remembered images should see it where Keep is above the
// margin. Below the margin a PASS is what the plan allows.
//
// Three kinds of the gallery are this one mechanism. Partial retraining saves
// nothing and hides least; partial labels are its cheap counterpart; forged
// retraining keeps a tenth, and stands for a prover who trained on forbidden images
// and logs minibatches that do not show them: outputs cannot tell how a log was made,
// only that the images are remembered.
type Partial struct {
	Keep float64 `json:"keep"` // share of the clean forget images that are trained on

	honest methods.Method
}

func newPartialRetrain() methods.Method { return &Partial{Keep: 0.5, honest: &methods.Retrain{}} }

func newForgedRetrain() methods.Method { return &Partial{Keep: 0.1, honest: &methods.Retrain{}} }

func newPartialLabels() methods.Method {
	return &Partial{Keep: 0.5, honest: &methods.RandomLabels{Effort: 1.0 / 6, LR: 1.5e-3}}
}

// Validate checks the parameter.
func (m *Partial) Validate() error {
	if !(m.Keep > 0 && m.Keep < 1) {
		return fmt.Errorf("keep is %v: want a share of the clean forget images, between 0 and 1", m.Keep)
	}
	return nil
}

// Needs what the honest method needs.
func (m *Partial) Needs() methods.Needs { return methods.NeedsOf(m.honest) }

// Unlearn runs the honest method on the other problem.
func (m *Partial) Unlearn(ctx context.Context, p *methods.Problem, s *training.Session) ([]string, error) {
	kept := m.kept(p)
	c, q := *corpus.Inside(p.Bench), *p
	c.Split.Retain = slices.Sorted(slices.Values(slices.Concat(c.Split.Retain, kept)))
	c.Split.Forget = slices.DeleteFunc(slices.Clone(c.Split.Forget), func(i int) bool { return slices.Contains(kept, i) })
	if len(c.Split.Forget) == 0 {
		return nil, fmt.Errorf("keep is %v: nothing is left to forget", m.Keep)
	}
	q.Bench = corpus.NewBench(&c)
	return m.honest.Unlearn(ctx, &q, s)
}

// kept draws the images that are not forgotten: at least one, and not all of them.
func (m *Partial) kept(p *methods.Problem) []int {
	clean := corpus.Inside(p.Bench).CleanForget()
	n := min(len(clean), max(1, min(len(clean)-1, int(math.Round(m.Keep*float64(len(clean)))))))
	r := rand.New(rand.NewPCG(audit.Seed(p.Seed, "kept"), 0))
	out := make([]int, n)
	for k, i := range r.Perm(len(clean))[:n] {
		out[k] = clean[i]
	}
	slices.Sort(out)
	return out
}
