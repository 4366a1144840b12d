package sets

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/embeddings"
	"github.com/lethe-audit/lethe/metrics"
)

// KIDEstimator names one of three estimators of the squared maximum mean discrepancy (Gretton et al. 2012).
type KIDEstimator string

const (
	// KIDUnbiased leaves out the kernel of an image with itself; it is what KID means, and it can be negative.
	KIDUnbiased KIDEstimator = "unbiased"
	// KIDBiased keeps it: never negative, above 0 even for equal distributions.
	KIDBiased KIDEstimator = "biased"
	// KIDUStatistic also leaves out the cross terms of equal index, and needs sets of equal size.
	KIDUStatistic KIDEstimator = "u-statistic"
)

// KID is the kernel inception distance of two sets of embeddings (Bińkowski et al. 2018, section 4), the squared
// maximum mean discrepancy
//
//	mean k(x, x′) + mean k(y, y′) − 2 mean k(x, y),  k(a, b) = (a·b/d + 1)³,
//
// over all rows at once. Lower is better; for equal distributions the unbiased estimate is 0 on average and so
// **negative** about half of the time: never clip it. No factor of 1000 is applied. Fewer than two embeddings in a
// set and unequal dimensions are errors.
func KID(x, y *mat.Dense, e KIDEstimator) (float64, error) {
	if _, _, err := embeddings.CheckPair("first set", x, "second set", y); err != nil {
		return 0, fmt.Errorf("kid: %w", err)
	}
	n, _ := x.Dims()
	m, _ := y.Dims()
	if err := e.check(n, m); err != nil {
		return 0, err
	}
	k, err := kernels(x, y)
	if err != nil {
		return 0, fmt.Errorf("kid: %w", err)
	}
	return e.fromSums(n, m, k.total())
}

// KIDOptions says which subsets are drawn: how many, how large, from which seed, and the estimator on each.
// The same seed draws the same subsets; more subsets leave the first ones as they were, and their values to 1e-12.
type KIDOptions struct {
	Subsets, Size int
	Seed          uint64
	Estimator     KIDEstimator
}

// KIDSubsets is the KID of random subsets, drawn without replacement within a subset. The reports of other tools
// (torch-fidelity: 100 subsets of 1000) are the mean of these values; their spread is no standard error of the KID
// over all rows, because subsets overlap. A subset larger than a set is an error, not silently made smaller.
func KIDSubsets(x, y *mat.Dense, o KIDOptions) (metrics.Resamples, error) {
	n, _, err := embeddings.CheckPair("first set", x, "second set", y)
	if err != nil {
		return nil, fmt.Errorf("kid: %w", err)
	}
	m, _ := y.Dims()
	if o.Subsets < 1 || o.Size < 2 || o.Size > min(n, m) {
		return nil, fmt.Errorf("kid: %d subsets of %d embeddings from sets of %d and %d: at least one subset, of 2 to %d, is needed",
			o.Subsets, o.Size, n, m, min(n, m))
	}
	rng := rand.New(rand.NewPCG(o.Seed, kidStream))
	rx, ry := make([][]int, o.Subsets), make([][]int, o.Subsets)
	for i := range rx {
		rx[i], ry[i] = rng.Perm(n)[:o.Size], rng.Perm(m)[:o.Size]
	}
	return kidOnSubsets(x, y, rx, ry, o.Estimator)
}

const kidStream = 0x6b6964 // "kid": keeps these draws apart from others of the same seed

// KIDOnSubsets is the KID of given subsets of rows, subset i pairing rowsX[i] with rowsY[i]; it is how subsets that
// another tool drew are reproduced. Part of the library: an audit draws its own.
func KIDOnSubsets(x, y *mat.Dense, rowsX, rowsY [][]int, e KIDEstimator) (metrics.Resamples, error) {
	if _, _, err := embeddings.CheckPair("first set", x, "second set", y); err != nil {
		return nil, fmt.Errorf("kid: %w", err)
	}
	if len(rowsX) == 0 || len(rowsX) != len(rowsY) {
		return nil, fmt.Errorf("kid: %d and %d subsets: at least one, and as many of one set as of the other, are needed", len(rowsX), len(rowsY))
	}
	return kidOnSubsets(x, y, rowsX, rowsY, e)
}

// check refuses sets that the estimator has no value for.
func (e KIDEstimator) check(n, m int) error {
	switch {
	case e != KIDUnbiased && e != KIDBiased && e != KIDUStatistic:
		return fmt.Errorf("unknown kid estimator %q: one of %q, %q, %q", string(e), KIDUnbiased, KIDBiased, KIDUStatistic)
	case n < 2 || m < 2:
		return fmt.Errorf("kid of %d and %d embeddings: at least 2 in each set are needed", n, m)
	case e == KIDUStatistic && n != m:
		return fmt.Errorf("kid %s of %d and %d embeddings: sets of equal size are needed", e, n, m)
	}
	return nil
}

// kernelSum holds sums of the kernel: over pairs of different rows within x and within y, over each row with itself,
// over all pairs across, and over pairs across of equal index.
type kernelSum struct{ xx, selfX, yy, selfY, xy, pairs float64 }

// fromSums is the estimate for sets of n and m rows.
func (e KIDEstimator) fromSums(nr, mr int, k kernelSum) (float64, error) {
	n, m := float64(nr), float64(mr)
	var v float64
	switch e {
	case KIDUnbiased:
		v = k.xx/(n*(n-1)) + k.yy/(m*(m-1)) - 2*k.xy/(n*m)
	case KIDBiased:
		v = (k.xx+k.selfX)/(n*n) + (k.yy+k.selfY)/(m*m) - 2*k.xy/(n*m)
	case KIDUStatistic:
		v = (k.xx + k.yy - 2*(k.xy-k.pairs)) / (n * (n - 1))
	}
	if !finite(v) {
		return 0, errors.New("kid: the cubed products of the embeddings overflow: rescale the features")
	}
	return v, nil
}
