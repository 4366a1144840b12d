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

// A Curver is an attack that leaves curves for reports to draw.
type Curver interface {
	// Curves are drawn from a subject's samples beside those of the other models. None is no error.
	Curves(subject *audit.Subject, among Models) ([]audit.Curve, error)
}

// A Noter is an attack that has something to say of a subject in words, beside its numbers.
type Noter interface {
	// Notes are sentences without a subject ("its weights …"), from the same samples as the statistics. None is usual.
	Notes(subject *audit.Subject, among Models) []string
}

// A Reader is an attack that measures nothing of its own: it sums up what others leave.
type Reader interface {
	// Reads names the attacks whose samples it takes.
	Reads() []string
}

// Silent is what an attack embeds whose samples are judged by a criterion, and not summed up.
type Silent struct{}

// Statistics are none.
func (Silent) Statistics(_ *audit.Subject, _ Models) ([]audit.Statistic, error) {
	return nil, nil
}

// silent is Silent where it is no field that others see.
type silent = Silent
