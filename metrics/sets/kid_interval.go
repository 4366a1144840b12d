package sets

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/lethe-audit/lethe/internal/embeddings"
)

// KIDEstimate is a KID with its uncertainty over the images drawn.
type KIDEstimate struct {
	Value     float64 // the unbiased KID of all rows
	SE        float64 // its standard error
	Low, High float64 // of the interval
}

// KIDInterval is the unbiased KID of all rows with a confidence interval of the given level (0.95 for 95 %): the value
// plus and minus the normal quantile times the jackknife's standard error for statistics of two samples,
//
//	SE² = (n−1)/n Σᵢ (U₍₋ᵢ₎ − mean)² + (m−1)/m Σⱼ (U₍₋ⱼ₎ − mean)²,
//
// U₍₋ᵢ₎ being the KID without row i (Arvesen 1969, Annals of Mathematical Statistics 40, 2076; Schechtman & Wang
// 2004, Journal of Statistical Planning and Inference 119). Unlike the spread over subsets, which depends on their size
// and overlap, it is the uncertainty of the KID over all rows.
//
// It assumes that the rows of each set are independent draws, and that the KID is near normal, which holds as the sets
// grow if the distributions differ: in simulations of shifted Gaussians in 4 dimensions, 95 % intervals covered in 92 %
// of cases from 50 images a side, 93 % from 100 and 95 % from 200; in 32 and 64 dimensions 95 to 98 % from 50 or 100.
// For equal distributions the first order of the statistic vanishes and the jackknife overestimates the variance
// (Efron & Stein 1981): the interval is wide and covers 0 more often than its level says, 99 % in the simulation. An
// interval that contains 0 is no proof of equality. Fewer than three embeddings in a set are an error.
func KIDInterval(x, y *mat.Dense, level float64) (KIDEstimate, error) {
	if _, _, err := embeddings.CheckPair("first set", x, "second set", y); err != nil {
		return KIDEstimate{}, fmt.Errorf("kid: %w", err)
	}
	n, _ := x.Dims()
	m, _ := y.Dims()
	if n < 3 || m < 3 {
		return KIDEstimate{}, fmt.Errorf("kid's interval from %d and %d embeddings: at least 3 in each set are needed", n, m)
	}
	if !(level > 0 && level < 1) {
		return KIDEstimate{}, fmt.Errorf("kid's interval of level %v: give one between 0 and 1, such as 0.95", level)
	}
	k, err := kernels(x, y)
	if err != nil {
		return KIDEstimate{}, fmt.Errorf("kid: %w", err)
	}
	t := k.total()
	value, err := KIDUnbiased.fromSums(n, m, t)
	if err != nil {
		return KIDEstimate{}, err
	}
	without := func(own, cross []float64, within, other float64, n, m int) float64 {
		u, a, b := make([]float64, n), float64(n), float64(m)
		for i := range u {
			u[i] = (within-2*own[i])/((a-1)*(a-2)) + other - 2*(t.xy-cross[i])/((a-1)*b)
		}
		mean, s := 0.0, 0.0
		for _, v := range u {
			mean += v / a
		}
		for _, v := range u {
			s += (v - mean) * (v - mean)
		}
		return (a - 1) / a * s
	}
	a, b := float64(n), float64(m)
	se := math.Sqrt(without(k.xx.rows, k.xy.rows, t.xx, t.yy/(b*(b-1)), n, m) + without(k.yy.rows, k.xy.columns, t.yy, t.xx/(a*(a-1)), m, n))
	z := distuv.UnitNormal.Quantile((1 + level) / 2)
	return KIDEstimate{Value: value, SE: se, Low: value - z*se, High: value + z*se}, nil
}
