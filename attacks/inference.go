package attacks

import (
	"context"
	"fmt"
	"math"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
)

var inferenceEntry = audit.Entry[Attack]{
	Name: "forget-set-inference", Profile: "strict",
	Doc:    "which training images were forgotten? those that the delivered model paints most unlike the original",
	New:    func() Attack { return &Inference{} },
	Leaves: []audit.Quantity{shift, inferenceAUC},
}

// What the attack leaves.
var (
	shift = audit.Quantity{Name: "shift", Head: "shift", Unit: "pixel units", Direction: audit.Neutral,
		What: "distance between this model's and the original's painting, root mean square"}
	inferenceAUC = audit.Quantity{Name: "forget-set inference AUC", Head: "inferred", Unit: "0…1", Direction: audit.Neutral,
		What: "chance that a forgotten image changed more than a retained one"}
)

// Inference is forget-set inference: somebody who has the original and the delivered model asks which training images
// were forgotten, and guesses those on which the two paint most differently (Chen et al. 2021, "When machine
// unlearning jeopardizes privacy", with paintings in the place of posteriors).
//
// Retraining gives the forget set away, too: it moves what was memorised. The retrained models' AUC is the yardstick;
// a method whose AUC is higher tells more about who asked to be forgotten than retraining would have.
type Inference struct{}

// Measure returns how far each painting is from the original's, as the root mean square over the region, for clean
// forget images and retained ones.
func (*Inference) Measure(_ context.Context, t *Target) ([]audit.Sample, error) {
	var out []audit.Sample
	for _, p := range []audit.Part{audit.Forget, audit.Retain} {
		b, err := t.Batch("forget-set-inference", p)
		if err != nil {
			return nil, err
		}
		now, _, err := t.Painted(t.Subject, p)
		if err != nil {
			return nil, err
		}
		first, _, err := t.Painted(t.Original, p)
		if err != nil {
			return nil, err
		}
		out = append(out, t.Sample(shift, "", p, "to=original data_range=2",
			roots(squaredErrors(now.Images, first.Images, b.View.Region, t.Stage.Size))))
	}
	return out, nil
}

// Statistics returns the attack's AUC, P(a forget image moved more than a retained one). Of the original, which did
// not move, there is none.
func (*Inference) Statistics(subject *audit.Subject, _ Models) ([]audit.Statistic, error) {
	f, ok1 := subject.Sample(shift.Name, audit.Hole, audit.Forget)
	r, ok2 := subject.Sample(shift.Name, audit.Hole, audit.Retain)
	if !ok1 || !ok2 || subject.Role == audit.RoleOriginal {
		return nil, nil
	}
	auc, err := stats.AUC(r.Values, f.Values)
	if err != nil {
		return nil, err
	}
	ci, err := stats.AUCInterval(r.Values, f.Values, 0.95)
	if err != nil {
		return nil, err
	}
	return []audit.Statistic{{Name: inferenceAUC.Name, Value: auc, Lo: ci.Lo, Hi: ci.Hi, Level: 0.95, Direction: audit.Neutral,
		Identity: fmt.Sprintf("P(retained shift < forget shift) n=%d+%d", len(r.Values), len(f.Values))}}, nil
}

func roots(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = math.Sqrt(x)
	}
	return out
}
