package sets

import (
	"testing"

	"github.com/lethe-audit/lethe/internal/golden"
)

// BenchmarkPRDC is 10,000 real and fake images of 1,000 dimensions, k = 5 (docs/benchmarks/prdc.py is the peer).
func BenchmarkPRDC(b *testing.B) {
	o := PRDCOptions{Real: golden.Normals(1, 10000, 1000), Fake: golden.Normals(2, 10000, 1000), K: 5, Variant: PRDCStrict}
	for b.Loop() {
		if _, err := PRDC(o); err != nil {
			b.Fatal(err)
		}
	}
}
