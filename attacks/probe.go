package attacks

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
)

var probeEntry = audit.Entry[Attack]{
	Name: "probe", Profile: "strict",
	Doc:    "do the model's layers tell forget images from test images? AUC of a linear probe on each",
	New:    func() Attack { return &Probe{Ridge: 0.3, Folds: 5} },
	Leaves: []audit.Quantity{probeScore, probeAUC},
}

// What the attack leaves.
var (
	probeScore = audit.Quantity{Name: "probe-score", Head: "probe", Unit: "the probe's own", Direction: audit.Neutral,
		What: "how much a linear probe on a layer (behind the name) takes the image for a test image"}
	probeAUC = audit.Quantity{Name: "probe AUC", Head: "probe", Unit: "0…1", Direction: audit.Neutral,
		What: "chance that a linear probe on a layer (behind the name) tells a forget image from a test image"}
)

// Probe asks whether the model's inside still tells forget images from unseen ones, though its paintings may not: a
// linear probe (Alain & Bengio 2016) on what a layer gives for the degraded image.
//
// The probe is ridge regression on the label, 1 for forget and 0 for test images, both classes of equal weight,
// features standardised, with the penalty Ridge times the features' mean variance. It is fitted in Folds folds, and an
// image's value is what the folds without it predict. In a retrained model forget images are unseen as well, so that
// the predictions of the two classes have the same law: compare the AUC with the retrained models'. No criterion
// judges it, for it has no power where it was tried: in the micro configuration that Lethe is calibrated on, the
// original's AUC lies among the retrained models'. It saw embeddings that training against the audit's score had moved.
type Probe struct {
	Ridge float64 `json:"ridge"` // penalty, over the mean variance of the features
	Folds int     `json:"folds"`
}

// Validate checks the parameters.
func (a *Probe) Validate() error {
	if !(a.Ridge > 0) || a.Folds < 2 {
		return fmt.Errorf("ridge %v and folds %d: want a penalty above 0 and at least 2 folds", a.Ridge, a.Folds)
	}
	return nil
}

// Measure returns the predictions for forget and test images, one sample of each for every layer.
func (a *Probe) Measure(ctx context.Context, t *Target) ([]audit.Sample, error) {
	if t.Copy == nil {
		return nil, ErrBlackBox
	}
	m, ok := t.Model.(models.Layered)
	if !ok {
		return nil, ErrUnfit
	}
	forget, err := t.Batch("probe", audit.Forget)
	if err != nil {
		return nil, err
	}
	test, err := t.Batch("probe", audit.Test)
	if err != nil {
		return nil, err
	}
	if n := min(forget.View.N, test.View.N); n < a.Folds {
		return nil, fmt.Errorf("probe: %d folds of %d images", a.Folds, n)
	}
	f, err := t.Corpus.Look(ctx, m, forget.View)
	if err != nil {
		return nil, err
	}
	u, err := t.Corpus.Look(ctx, m, test.View)
	if err != nil {
		return nil, err
	}
	var out []audit.Sample
	for l, name := range m.Layers() {
		known, unseen, err := a.predict(matrix(f[l], forget), matrix(u[l], test))
		if err != nil {
			return nil, fmt.Errorf("probe, layer %s: %w", name, err)
		}
		id := fmt.Sprintf("ridge=%g folds=%d", a.Ridge, a.Folds)
		out = append(out, t.Sample(probeScore, name, audit.Forget, id, known), t.Sample(probeScore, name, audit.Test, id, unseen))
	}
	return out, nil
}

// Statistics returns the AUC of each layer's probe.
func (a *Probe) Statistics(subject *audit.Subject, _ Models) ([]audit.Statistic, error) {
	var out []audit.Statistic
	for _, f := range subject.Samples {
		if f.Quantity != probeScore.Name || f.Part != audit.Forget {
			continue
		}
		u, ok := subject.SampleAt(f.Quantity, f.Setting, f.View, audit.Test)
		if !ok {
			continue
		}
		auc, err := stats.AUC(u.Values, f.Values)
		if err != nil {
			return nil, err
		}
		ci, err := stats.AUCInterval(u.Values, f.Values, 0.95)
		if err != nil {
			return nil, err
		}
		out = append(out, audit.Statistic{Name: probeAUC.Name + "@" + f.Setting, Value: auc,
			Lo: ci.Lo, Hi: ci.Hi, Level: 0.95, Direction: audit.Neutral,
			Identity: fmt.Sprintf("P(test score < forget score) n=%d+%d", len(u.Values), len(f.Values))})
	}
	return out, nil
}

func matrix(values []float32, b corpus.Batch) *mat.Dense {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = float64(v)
	}
	return mat.NewDense(b.View.N, len(values)/b.View.N, out)
}
