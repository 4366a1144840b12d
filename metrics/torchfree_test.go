package metrics

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Whoever imports a pixel metric links no libtorch, and needs no C compiler.
func TestNeedsNoTorch(t *testing.T) {
	command := func(args ...string) string {
		c := exec.Command("go", args...)
		c.Env = append(os.Environ(), "CGO_ENABLED=0")
		out, err := c.CombinedOutput()
		require.NoError(t, err, "go %s: %s", strings.Join(args, " "), out)
		return string(out)
	}
	deps := command("list", "-deps", ".")
	assert.Contains(t, deps, "github.com/lethe-audit/lethe/internal/embeddings", "the list is there")
	assert.NotContains(t, deps, "gotch")
	assert.NotContains(t, deps, "lethe/internal/torch")

	user := filepath.Join(t.TempDir(), "user.go")
	require.NoError(t, os.WriteFile(user, []byte(`package main

import (
	"fmt"

	"github.com/lethe-audit/lethe/metrics"
)

func main() {
	x := make([]float32, 121)
	fmt.Println(metrics.SSIM(x, x, metrics.Shape{C: 1, H: 11, W: 11}, 1, metrics.SSIMSkimage, nil))
}
`), 0o600))
	assert.Equal(t, "1 <nil>\n", command("run", user))
}
