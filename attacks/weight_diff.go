package attacks

import (
	"context"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
)

var weightDiffEntry = audit.Entry[Attack]{
	Name: "weight-diff", Profile: "strict",
	Doc:    "which images were forgotten? those whose loss rises most on the way from the original's weights to the model's",
	New:    func() Attack { return &WeightDiff{Step: 0.02} },
	Leaves: []audit.Quantity{lossRise, againstTest, againstRetained},
}

// What the attack leaves.
var (
	lossRise = audit.Quantity{Name: "loss-rise", Head: "rise", Unit: "loss", Direction: audit.Neutral,
		What: "rise of the image's loss from the original's weights to the model's, at the start of the way or at its end"}
	againstTest = audit.Quantity{Name: "weight-diff AUC", Head: "diff", Unit: "0…1", Direction: audit.Neutral,
		What: "chance that the loss rises more for a forget image than for a test image (where, behind the name)"}
	againstRetained = audit.Quantity{Name: "weight-diff retained AUC", Head: "diff ret", Unit: "0…1", Direction: audit.Neutral,
		What: "chance that the loss rises more for a forget image than for a retained one (where, behind the name)"}
)

// WeightDiff is somebody who holds the original's weights θ0 and the delivered θ, and asks which images were forgotten.
// An image's value is how much its loss L rises from one to the other, at the start of the straight way and at its end:
//
//	start: (L(θ0 + h(θ − θ0)) − L(θ0)) / h, for a small h = Step: the image's gradient at θ0 along θ − θ0;
//	end:   L(θ) − L(θ0).
//
// Unlearning that starts from θ0 walks along the gradients of what it should forget, and leaves them in the difference;
// a retrained model's weights lie in a direction that knows nothing of θ0. What models do about images tells in either
// case, for retraining, too, leaves forgotten images worse: read a subject's AUC beside the retrained models' own at the same
// place. Above theirs, it tells more about who asked to be forgotten than retraining would have.
//
// No criterion judges it: whoever holds the original, and what it was trained on, learns the forget set from a
// retrained model at the end of the way as well as from any other.
type WeightDiff struct {
	Step float64 `json:"step"` // h, of the way from 0 to 1
}

// Validate checks the parameters.
func (a *WeightDiff) Validate() error {
	if !(a.Step > 0 && a.Step < 1) {
		return fmt.Errorf("step is %v: want a share of the way, above 0 and below 1", a.Step)
	}
	return nil
}

// Where along the way.
const (
	atStart = "start"
	atEnd   = "end"
)

// Measure returns the rise of the loss of forget, test and retained images. It needs weights of the original's network:
// ErrBlackBox without.
func (a *WeightDiff) Measure(ctx context.Context, t *Target) ([]audit.Sample, error) {
	m, own, first, err := t.Beside()
	if err != nil {
		return nil, err
	}
	defer m.Params().Free()
	var out []audit.Sample
	for _, p := range []audit.Part{audit.Forget, audit.Test, audit.Retain} {
		b, err := t.Batch("weight-diff", p)
		if err != nil {
			return nil, err
		}
		seed := audit.Seed(t.Seed, "weight-diff", string(p))
		from, err := losses(ctx, t.Corpus, m, first, b, seed)
		if err != nil {
			return nil, err
		}
		for _, place := range []struct {
			name  string
			share float64
		}{{atStart, a.Step}, {atEnd, 1}} {
			v, err := losses(ctx, t.Corpus, m, between(first, own, place.share), b, seed)
			if err != nil {
				return nil, err
			}
			for i := range v {
				v[i] = (v[i] - from[i]) / place.share
			}
			out = append(out, t.Sample(lossRise, place.name, p, fmt.Sprintf("h=%g", place.share), v))
		}
	}
	return out, nil
}

// Statistics returns the AUC of forget images against test images and against retained ones. Of the original, which is the
// start of the way, there is none.
func (a *WeightDiff) Statistics(subject *audit.Subject, _ Models) ([]audit.Statistic, error) {
	if subject.Role == audit.RoleOriginal {
		return nil, nil
	}
	var out []audit.Statistic
	for _, place := range []string{atStart, atEnd} {
		f, ok := subject.SampleAt(lossRise.Name, place, audit.Hole, audit.Forget)
		if !ok {
			continue
		}
		for _, k := range []struct {
			as   audit.Quantity
			part audit.Part
		}{{againstTest, audit.Test}, {againstRetained, audit.Retain}} {
			others, ok := subject.SampleAt(lossRise.Name, place, audit.Hole, k.part)
			if !ok {
				continue
			}
			auc, err := stats.AUC(others.Values, f.Values)
			if err != nil {
				return nil, err
			}
			ci, err := stats.AUCInterval(others.Values, f.Values, 0.95)
			if err != nil {
				return nil, err
			}
			out = append(out, audit.Statistic{Name: k.as.Name + "@" + place, Value: auc, Lo: ci.Lo, Hi: ci.Hi, Level: 0.95,
				Direction: audit.Neutral, Identity: fmt.Sprintf("P(%s rise < forget rise) n=%d+%d", k.part, len(others.Values), len(f.Values))})
		}
	}
	return out, nil
}
