package sets

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/golden"
)

func TestFrechetGolden(t *testing.T) {
	for _, c := range golden.Cases(t, "frechet") {
		t.Run(c.ID, func(t *testing.T) {
			got, exact := goldenFrechet(t, c)
			for name, e := range c.Expected {
				v, ok := e.Value.(float64)
				switch {
				case !ok:
					require.Fail(t, "value is no number", name)
				case name == "pytorch_fid_forced_eps_1e-06", name == "pytorch_fid_forced_eps_0.001":
					assert.Greater(t, math.Abs(got-v), 0.01, "a jitter on the diagonal must not creep in")
				case name == "gram_nuclear_norm":
					c.Check(t, name, exact)
					assert.InEpsilon(t, v, got, 1e-8, "from moments alone")
				default:
					c.Check(t, name, got)
					c.Check(t, name, exact)
				}
			}
		})
	}
}

// frechet runs a case from moments and, where it has features, from these.
func goldenFrechet(t *testing.T, c golden.Case) (fromMoments, fromFeatures float64) {
	t.Helper()
	stats := func(i int) *Moments {
		var mu []float64
		var cov *mat.SymDense
		switch c.ID {
		case "scalar_d1":
			mu = []float64{[]float64{.3, -.2}[i-1]}
			cov = mat.NewSymDense(1, []float64{[]float64{2.5, .7}[i-1]})
		case "stats_d192":
			mu, _ = c.Array(t, fmt.Sprint("mu", i))
			s, _ := c.Array(t, fmt.Sprint("sigma", i))
			cov = mat.NewSymDense(len(mu), s)
		case "diagonal_d96":
			mu, _ = c.Array(t, fmt.Sprint("mu", i))
			v, _ := c.Array(t, fmt.Sprint("v", i))
			cov = mat.NewSymDense(len(mu), nil)
			for j, x := range v {
				cov.SetSym(j, j, x)
			}
		default:
			mu, _ = c.Array(t, fmt.Sprint("mu", i))
			v, _ := c.Array(t, fmt.Sprint("D", i))
			cov = mat.NewSymDense(len(mu), nil)
			cov.SymOuterK(1, c.Matrix(t, fmt.Sprint("U", i)))
			for j, x := range v {
				cov.SetSym(j, j, cov.At(j, j)+x)
			}
		}
		m, err := MomentsOf(1000, mu, cov)
		require.NoError(t, err)
		return m
	}
	switch c.ID {
	case "scalar_d1", "stats_d192", "diagonal_d96", "diag_plus_lowrank_d768", "diag_plus_lowrank_d2048":
		got, err := Frechet(stats(1), stats(2))
		require.NoError(t, err)
		return got, got
	case "identical_d64":
		x := c.Matrix(t, "f1")
		return bothWays(t, x, x)
	}
	return bothWays(t, c.Matrix(t, "f1"), c.Matrix(t, "f2"))
}
