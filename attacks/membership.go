package attacks

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
	"github.com/lethe-audit/lethe/metrics"
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

// ErrorQuantity is the name of the attack's samples.
const ErrorQuantity = "reconstruction-error"

// Measure returns the errors of clean forget images and of test images.
func (a *Membership) Measure(in *metrics.Input) ([]audit.Sample, error) {
	var out []audit.Sample
	for _, p := range []audit.Part{audit.Forget, audit.Test} {
		if _, ok := in.Stage.Batch[p]; !ok {
			return nil, fmt.Errorf("membership: there are no images in part %s; forget some that are not poisoned", p)
		}
		s, err := regionErrors(in, ErrorQuantity, p, in.Stage.Batch[p].Target)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// Statistics returns the attack's AUC, P(forget error < test error), and its
// TPR. An AUC is compared with the oracles' on the same images, not with ½.
func (a *Membership) Statistics(subject, _ *audit.Subject, _ []*audit.Subject) ([]audit.Statistic, error) {
	f, ok1 := subject.Sample(ErrorQuantity, metrics.FieldHole, audit.Forget)
	t, ok2 := subject.Sample(ErrorQuantity, metrics.FieldHole, audit.Test)
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
	neg := func(v []float64) []float64 {
		out := make([]float64, len(v))
		for i, x := range v {
			out[i] = -x
		}
		return out
	}
	op, err := stats.TPRAtFPR(neg(f.Values), neg(t.Values), a.FPR, 0.95)
	if err != nil {
		return nil, err
	}
	n := fmt.Sprintf("n=%d+%d", len(f.Values), len(t.Values))
	return []audit.Statistic{
		{Name: "membership AUC", Value: auc, Lo: ci.Lo, Hi: ci.Hi, Level: 0.95, Direction: audit.Neutral, Identity: "P(forget error < test error) " + n},
		{Name: fmt.Sprintf("membership TPR@%g%%FPR", 100*a.FPR), Value: op.TPR, Lo: op.Interval.Lo, Hi: op.Interval.Hi, Level: 0.95, Direction: audit.Lower, Identity: "score=-error " + n},
	}, nil
}

// regionErrors is each painting's mean squared error over its region against
// given pictures.
func regionErrors(in *metrics.Input, quantity string, p audit.Part, against []float32) (audit.Sample, error) {
	b, set := in.Stage.Batch[p], in.Subject[p]
	if set == nil || len(set.Images) != len(against) {
		return audit.Sample{}, fmt.Errorf("%s: nothing was painted for part %s", quantity, p)
	}
	size := in.Stage.Size
	px, area := 3*size*size, size*size
	values := make([]float64, b.View.N)
	for i := range values {
		region, err := metrics.RegionFromMask(b.View.Region[i*area : (i+1)*area])
		if err != nil {
			return audit.Sample{}, err
		}
		if values[i], err = metrics.MSE(set.Images[i*px:(i+1)*px], against[i*px:(i+1)*px], region); err != nil {
			return audit.Sample{}, err
		}
	}
	id := metrics.Identity{Metric: quantity, DType: "float32", N: b.View.N, Field: metrics.FieldHole, DataRange: 2}
	return audit.Sample{
		Quantity: quantity, View: metrics.FieldHole, Part: p, Identity: id.String(), Direction: audit.Neutral,
		Unit: audit.PerImage, Index: in.Stage.Index[p], Values: values,
	}, nil
}
