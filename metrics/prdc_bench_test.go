package metrics

import (
	"strconv"
	"testing"
)

// BenchmarkPRDC is 10,000 real and fake images of 1,000 dimensions, k = 5 (docs/benchmarks/prdc.py is the peer).
func BenchmarkPRDC(b *testing.B) {
	o := PRDCOptions{Real: normals(1, 10000, 1000), Fake: normals(2, 10000, 1000), K: 5, Variant: PRDCStrict}
	for b.Loop() {
		if _, err := PRDC(o); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMeasurePRDC is what one model costs an audit per part, with 41 resamples.
func BenchmarkMeasurePRDC(b *testing.B) {
	for _, n := range []int{112, 512} {
		x, y := normals(1, n, 64), normals(2, n, 64)
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				_, err := resample(n, 1, "test", true, func(rows []int) (float64, error) {
					r, err := PRDC(PRDCOptions{Real: pick(x, rows), Fake: pick(y, rows), K: 3, Variant: PRDCStrict})
					return r.Precision, err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
