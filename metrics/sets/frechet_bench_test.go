package sets

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/golden"
)

// benchMoments are those of docs/benchmarks/frechet.py.
func benchMoments(b *testing.B, d int, seed float64) *Moments {
	b.Helper()
	u := mat.NewDense(d, 32, nil)
	mean := make([]float64, d)
	for i := range d {
		j := float64(i + 1)
		mean[i] = math.Cos(0.1 * j * seed)
		for k := range 32 {
			u.Set(i, k, math.Sin((0.37*j+seed)*float64(k+1))/8)
		}
	}
	var s mat.Dense
	s.Mul(u, u.T())
	for i := range d {
		s.Set(i, i, s.At(i, i)+math.Exp(-9*float64(i+1)/float64(d)))
	}
	m, err := MomentsOf(UnknownN, mean, &s)
	require.NoError(b, err)
	return m
}

func BenchmarkFrechet(b *testing.B) {
	for _, d := range []int{64, 2048} {
		b.Run(fmt.Sprint("d=", d), func(b *testing.B) {
			x, y := benchMoments(b, d, 1), benchMoments(b, d, 2)
			var v float64
			for b.Loop() {
				var err error
				if v, err = Frechet(x, y); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(v, "distance")
		})
	}
}

// What a bootstrap in an audit calls some hundred times.
func BenchmarkFrechetFeatures(b *testing.B) {
	for _, c := range [][2]int{{100, 32}, {500, 32}, {512, 64}} {
		b.Run(fmt.Sprintf("n=%d/d=%d", c[0], c[1]), func(b *testing.B) {
			x, y := golden.Normals(1, c[0], c[1]), golden.Normals(2, c[0], c[1])
			for b.Loop() {
				if _, err := FrechetFeatures(x, y); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkMoments(b *testing.B) {
	const batch, d = 64, 2048
	x := golden.Normals(1, batch, d)
	var m Moments
	for b.Loop() {
		for range momentsBlock / batch {
			if err := m.Update(x); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.N*momentsBlock)/b.Elapsed().Seconds(), "embeddings/s")
}
