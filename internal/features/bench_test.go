package features

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/torch"
)

// BenchmarkFixture embeds pictures of side 32 with the classifier that comes with Lethe.
func BenchmarkFixture(b *testing.B) {
	e, err := (&Fixture{}).Open(torch.CPU)
	require.NoError(b, err)
	defer e.Free()
	const n, side = 256, 32
	x := make([]float32, n*3*side*side)
	for b.Loop() {
		_, err := e.Embed(context.Background(), x, n, side)
		require.NoError(b, err)
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "images/s")
}
