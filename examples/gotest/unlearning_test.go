// Package forgetful is a model's own repository: its tests go red when the model
// stops forgetting.
package forgetful

import (
	"testing"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/audittest"
)

const method = "decouple-cycles"

func TestForgets(t *testing.T) {
	a := audittest.Load(t, "testdata/run")
	a.Passes(method)
	a.Outcome(method, "membership", audit.Pass)
}

func TestStillPaintsWell(t *testing.T) {
	a := audittest.Load(t, "testdata/run")
	a.Below(method, "mse", "hole", audit.Test, 0.4)
	a.Above(method, "ssim", "image", audit.Retain, 0.9)
	a.Better(method, "noise-matching", "mse", "hole", audit.Retain)
}

// An audit that accuses nobody proves nothing: these are known to fail.
func TestTheAuditHasPower(t *testing.T) {
	audittest.Load(t, "testdata/run").
		Fails("original", "membership").
		Fails("original", "backdoor").
		Fails("random-weights", "utility")
}
