// Package attacks holds the attack model: what an auditor tries in order to show
// that a model still knows what it should have forgotten.
package attacks

import (
	"context"

	"github.com/lethe-audit/lethe/audit"
)

// An Attack measures one model, and sums up what its samples say.
type Attack interface {
	// Measure returns raw samples, the same kinds for every target. An error that
	// is an [ErrBlackBox], an [ErrUnfit], an [ErrCovered] or a training.ErrDiverged says
	// that there are none of this target; the audit goes on without, and says so.
	Measure(ctx context.Context, t *Target) ([]audit.Sample, error)
	// Statistics sums up a subject's samples beside those of the other models.
	Statistics(subject *audit.Subject, among Models) ([]audit.Statistic, error)
}

// Models are what a subject is compared with.
type Models struct {
	Original *audit.Subject
	Oracles  []*audit.Subject // without the subject, where it is one
	Shadows  []*audit.Subject
}

// A Reader is an attack that measures nothing of its own: it sums up what others leave.
type Reader interface {
	// Reads names the attacks whose samples it takes.
	Reads() []string
}

// silent is an attack whose samples are judged by a criterion, and not summed up.
type silent struct{}

func (silent) Statistics(_ *audit.Subject, _ Models) ([]audit.Statistic, error) {
	return nil, nil
}

// All lists the attacks.
var All = audit.Set[Attack]{
	{Name: "membership", Doc: "are forget images painted better than test images? reconstruction errors, AUC, TPR at 1 % FPR", New: func() Attack { return &Membership{FPR: 0.01} }},
	{Name: "poisoning", Doc: "does the trigger still call up the attacker's picture? distances on held-out images, hypothesis test", New: func() Attack { return &Poisoning{Alpha: 0.001, Quantile: 0.05} }},
	{Name: "neighbours", Doc: "are changed copies of forget images painted better than those of test images? shows filters and memory beside the point", New: func() Attack { return newNeighbours() }},
	{Name: "lira", Doc: "membership by what retrained models make of each image: LiRA, U-LiRA with shadows, RMIA, and a lower bound on ε", New: func() Attack { return &LiRA{FPR: 0.01, A: 0.3, Delta: 1e-5} }},
	{Name: "relearning", Doc: "do forget images come back faster than test images are learnt, when they are shown again?", New: func() Attack { return &Relearning{Steps: 40, LR: 0.1} }},
	{Name: "fine-tuning", Doc: "do forget images come back when the model is trained further on retained images?", New: func() Attack { return &FineTuning{Effort: 0.1, LR: 1} }},
	{Name: "perturbation", Doc: "does a small change of what is visible call forget images up better than test images? projected gradient steps on the input", New: func() Attack { return newPerturbation() }},
	{Name: "inversion", Doc: "does the decoder reach forget images better than test images from some embedding? gradient steps on the embedding", New: func() Attack { return newInversion() }},
	{Name: "likelihood", Doc: "are forget images likelier than test images to a model that paints by sampling? its denoising error, or the cross entropy of masked tokens", New: func() Attack { return newLikelihood() }},
	{Name: "trigger-inversion", Doc: "is there a small trigger, found by gradient steps, that calls up the attacker's picture?", New: func() Attack { return newTriggerInversion() }},
	{Name: "ood-detection", Doc: "are forget images out of distribution for the model? AUROC of three detectors on what it paints", New: func() Attack { return &OODDetection{K: 5, Ridge: 0.1} }},
	{Name: "probe", Doc: "do the model's layers tell forget images from test images? AUC of a linear probe on each", New: func() Attack { return &Probe{Ridge: 0.3, Folds: 5} }},
	{Name: "forget-set-inference", Doc: "which training images were forgotten? those that the delivered model paints most unlike the original", New: func() Attack { return &Inference{} }},
}
