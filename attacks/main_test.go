package attacks

import (
	"os"
	"testing"

	"github.com/lethe-audit/lethe/internal/torch"
)

// One thread, as audits attack with: beside other packages' tests, two layers of threads would wait for each other.
func TestMain(m *testing.M) {
	torch.SetThreads(1)
	os.Exit(m.Run())
}
