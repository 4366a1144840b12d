package sets

import (
	"fmt"
	"math"
	"testing"

	"github.com/lethe-audit/lethe/internal/golden"
)

// BenchmarkKID is 100 subsets of 1000 in 2048 dimensions, and the KID of all rows with its interval
// (docs/benchmarks/kid.py is the peer).
func BenchmarkKID(b *testing.B) {
	for _, n := range []int{1000, 2000, 5000, 10000} {
		x, y := golden.Normals(1, n, 2048), golden.Normals(2, n, 2048)
		for _, v := range [][]float64{x.RawMatrix().Data, y.RawMatrix().Data} {
			for i := range v {
				v[i] = float64(float32(math.Abs(v[i]))) // as Inception's features: not negative, float32
			}
		}
		b.Run(fmt.Sprintf("subsets/n=%d", n), func(b *testing.B) {
			for b.Loop() {
				if _, err := KIDSubsets(x, y, KIDOptions{Subsets: 100, Size: 1000, Seed: 1, Estimator: KIDUnbiased}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("interval/n=%d", n), func(b *testing.B) {
			for b.Loop() {
				if _, err := KIDInterval(x, y, 0.95); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
