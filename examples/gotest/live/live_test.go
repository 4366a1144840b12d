//go:build cgo

// Package live trains and audits within go test, which needs libtorch and cgo.
package live

import (
	"testing"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/audittest/run"
)

// The first run takes seconds; what it made is kept in the user's cache folder.
func TestShippedModel(t *testing.T) {
	a := run.Plan(t, "unlearning.yml")
	a.Holds()
	a.Better("shipped", "random-weights", "mse", "hole", audit.Retain)
	a.Below("shipped", "mse", "hole", audit.Test, 0.4)
}

// Another seed must say the same.
func TestShippedModelUnderAnotherSeed(t *testing.T) {
	run.Plan(t, "unlearning.yml", run.Set("seed=2")).Holds()
}
