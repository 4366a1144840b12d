package models

import (
	"os"
	"testing"

	"github.com/lethe-audit/lethe/internal/torch"
)

// One thread, as audits train with: beside other packages' tests, two layers of threads would wait for each other.
func TestMain(m *testing.M) {
	torch.SetThreads(1)
	os.Exit(m.Run())
}
