package attacks

import (
	"context"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/audit/stats"
	"github.com/lethe-audit/lethe/internal/outputs"
)

var membershipEntry = audit.Entry[Attack]{
	Name:   "membership",
	Doc:    "are forget images painted better than test images? reconstruction errors, AUC, TPR at 1 % FPR",
	New:    func() Attack { return &Membership{FPR: 0.01} },
	Leaves: []audit.Quantity{criteria.ReconstructionError, membershipAUC, membershipTPR},
}

// What the attack leaves, beside criteria.ReconstructionError.
var (
	membershipAUC = audit.Quantity{Name: "membership AUC", Head: "AUC", Unit: "0…1", Direction: audit.Neutral, Main: []string{"attacks"},
		What: "chance that a forget image is reconstructed better than a test image"}
	membershipTPR = audit.Quantity{Name: "membership TPR@1%FPR", Head: "TPR 1%", Unit: "share, 0…1", Direction: audit.Lower,
		What: "forget images found out when 1 % of test images are accused wrongly"}
)

// Membership infers that an image was trained on from a small reconstruction
// error, the mean squared error over the region (population attack, Yeom et al.
// 2018, with the error as the loss).
type Membership struct {
	FPR float64 `json:"fpr"` // false-positive rate at which the true-positive rate is read
}

// Validate checks the parameters.
func (a *Membership) Validate() error {
	if !(a.FPR > 0 && a.FPR < 1) {
		return fmt.Errorf("fpr is %v: want a rate between 0 and 1", a.FPR)
	}
	return nil
}

// Learned names the attack whose samples of shadow models are taken, too.
const Learned = "membership"

// Measure returns the errors of clean forget images and of test images.
func (a *Membership) Measure(_ context.Context, t *Target) ([]audit.Sample, error) {
	var out []audit.Sample
	for _, p := range []audit.Part{audit.Forget, audit.Test} {
		b, err := t.Batch("membership", p)
		if err != nil {
			return nil, err
		}
		s, err := regionErrors(t.Input, criteria.ReconstructionError, p, b.Target)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// Statistics returns the attack's AUC, P(forget error < test error), and its
// TPR. An AUC is compared with the oracles' on the same images, not with ½.
func (a *Membership) Statistics(subject *audit.Subject, _ Models) ([]audit.Statistic, error) {
	f, ok1 := subject.Sample(criteria.ReconstructionError.Name, audit.Hole, audit.Forget)
	t, ok2 := subject.Sample(criteria.ReconstructionError.Name, audit.Hole, audit.Test)
	if !ok1 || !ok2 {
		return nil, nil
	}
	auc, err := stats.AUC(f.Values, t.Values)
	if err != nil {
		return nil, err
	}
	ci, err := stats.AUCInterval(f.Values, t.Values, 0.95)
	if err != nil {
		return nil, err
	}
	op, err := stats.TPRAtFPR(negative(f.Values), negative(t.Values), a.FPR, 0.95)
	if err != nil {
		return nil, err
	}
	n := fmt.Sprintf("n=%d+%d", len(f.Values), len(t.Values))
	return []audit.Statistic{
		{Name: membershipAUC.Name, Value: auc, Lo: ci.Lo, Hi: ci.Hi, Level: 0.95, Direction: audit.Neutral,
			Identity: "P(forget error < test error) " + n},
		{Name: fmt.Sprintf("membership TPR@%g%%FPR", 100*a.FPR), Value: op.TPR, Lo: op.Interval.Lo, Hi: op.Interval.Hi,
			Level: 0.95, Direction: audit.Lower, Identity: "score=-error " + n},
	}, nil
}

// regionErrors is each painting's mean squared error over its region against
// given pictures.
func regionErrors(in *outputs.Input, q audit.Quantity, p audit.Part, against []float32) (audit.Sample, error) {
	set, b, err := in.Painted(in.Subject, p)
	if err != nil {
		return audit.Sample{}, fmt.Errorf("%s: %w", q.Name, err)
	}
	values := squaredErrors(set.Images, against, b.View.Region, in.Stage.Size)
	return audit.Sample{
		Quantity: q.Name, View: audit.Hole, Part: p,
		Identity:  fmt.Sprintf("%s dtype=float32 n=%d field=%s data_range=2", q.Name, b.View.N, audit.Hole),
		Direction: q.Direction, Unit: audit.PerImage, Index: in.Stage.Index[p], Values: values,
	}, nil
}
