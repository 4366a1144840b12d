package measure

import (
	"strconv"
	"testing"

	"github.com/lethe-audit/lethe/internal/embeddings"
	"github.com/lethe-audit/lethe/internal/golden"
	"github.com/lethe-audit/lethe/metrics/sets"
)

// BenchmarkMeasurePRDC is what one model costs an audit per part, with 41 resamples.
func BenchmarkMeasurePRDC(b *testing.B) {
	for _, n := range []int{112, 512} {
		x, y := golden.Normals(1, n, 64), golden.Normals(2, n, 64)
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				_, err := resample(n, 1, "test", true, func(rows []int) (float64, error) {
					r, err := sets.PRDC(sets.PRDCOptions{Real: embeddings.Pick(x, rows), Fake: embeddings.Pick(y, rows), K: 3, Variant: sets.PRDCStrict})
					return r.Precision, err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
