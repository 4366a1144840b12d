package linalg

import (
	"fmt"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// BenchmarkCrossover shows from which size on libtorch is faster than gonum.
func BenchmarkCrossover(b *testing.B) {
	for _, d := range []int{16, 24, 32, 48, 64, 96, 128, 192} {
		x, s := normals(1, 8*d, d), covariance(2, d)
		u, _, err := Cholesky(covariance(3, d))
		if err != nil {
			b.Fatal(err)
		}
		out := mat.NewDense(d, d, nil)
		for _, c := range []struct {
			name          string
			gonum, native func() error
		}{
			{"gram", func() error { gonumGram(out, x); return nil }, func() error { return nativeGramUpper(out, x) }},
			{"cholesky", func() error { gonumCholesky(out, s); return nil }, func() error { _, err := nativeCholesky(out, s); return err }},
			{"congruence", func() error { gonumCongruence(u, s); return nil }, func() error { _, err := nativeCongruence(u, true, s); return err }},
			{"eigenvalues", func() error { _, _, err := gonumEigen(s, false); return err },
				func() error { _, err := nativeEigenvalues(s); return err }},
			{"eigen", func() error { _, _, err := gonumEigen(s, true); return err }, func() error { _, _, err := nativeEigen(s); return err }},
			{"singular", func() error { _, err := gonumSingular(u, s); return err }, func() error { _, err := nativeSingular(u, s); return err }},
			{"triangle", func() error { gonumTriangle(x); return nil }, func() error { _, err := nativeTriangle(x); return err }},
		} {
			for name, f := range map[string]func() error{"gonum": c.gonum, "native": c.native} {
				b.Run(fmt.Sprintf("%s/d=%d/%s", c.name, d, name), func(b *testing.B) {
					for b.Loop() {
						if err := f(); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}
