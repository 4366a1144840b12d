// Package attacks holds the attack model: what an auditor tries in order to show
// that a model still knows what it should have forgotten.
package attacks

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/outputs"
)

// An Attack measures one model, and sums up what its samples say.
type Attack interface {
	// Measure returns raw samples.
	Measure(in *outputs.Input) ([]audit.Sample, error)
	// Statistics sums up a subject's samples beside those of the oracles (without
	// the subject) and the original.
	Statistics(subject, original *audit.Subject, oracles []*audit.Subject) ([]audit.Statistic, error)
}

// All lists the attacks.
var All = audit.Set[Attack]{
	{Name: "membership", Doc: "are forget images painted better than test images? reconstruction errors, AUC, TPR at 1 % FPR", New: func() Attack { return &Membership{FPR: 0.01} }},
	{Name: "poisoning", Doc: "does the trigger still call up the attacker's picture? distances on held-out images, hypothesis test", New: func() Attack { return &Poisoning{Alpha: 0.001, Quantile: 0.05} }},
}
