package metrics

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/embeddings"
)

// CKAEstimator names an estimator of linear CKA.
type CKAEstimator string

const (
	// CKAPlain is Kornblith et al. (2019), section 3: it tends to 1 for any two layers with many more units than
	// there are images.
	CKAPlain CKAEstimator = "plain"
	// CKADebiased takes the unbiased estimates of the independence criterion (Song et al. 2012, eq. 5; Nguyen, Raghu,
	// Kornblith 2021): 0 on average for unrelated layers, and so at times below 0. It needs 4 images.
	CKADebiased CKAEstimator = "debiased"
)

// CKA is the linear centred kernel alignment of two layers' activations on the same images, one image a row,
//
//	HSIC(K, L) / √(HSIC(K, K)·HSIC(L, L)),  K = XXᵀ, L = YYᵀ,
//
// with which the similarity of an unlearned model's representations to a retrained one's is told: 1 for layers that are
// equal up to rotation and scale, higher is more alike. The layers may differ in width.
//
// Sets of different size, a layer that is the same for all images, and values that are not finite are errors.
func CKA(x, y *mat.Dense, e CKAEstimator) (float64, error) {
	n, _, err1 := embeddings.Check("first layer", x)
	m, _, err2 := embeddings.Check("second layer", y)
	if err := errors.Join(err1, err2); err != nil {
		return 0, fmt.Errorf("cka: %w", err)
	}
	least := 2
	hsic := hsicPlain
	switch e {
	case CKAPlain:
	case CKADebiased:
		least, hsic = 4, hsicUnbiased
	default:
		return 0, fmt.Errorf("unknown cka estimator %q: one of %q, %q", string(e), CKAPlain, CKADebiased)
	}
	if n != m || n < least {
		return 0, fmt.Errorf("cka of %d and %d images: the same images, at least %d, are needed", n, m, least)
	}
	k, l := gramOf(x), gramOf(y)
	kk, ll := hsic(k, k), hsic(l, l)
	if !(kk > 1e-24) || !(ll > 1e-24) { // of layers scaled to a largest centred value of 1
		return 0, errors.New("cka: a layer is the same for all images, or too few images are given: it has no direction to compare")
	}
	return hsic(k, l) / math.Sqrt(kk*ll), nil
}

// gramOf is XXᵀ of the centred layer, scaled so that its largest value is 1: CKA does not depend on scale.
func gramOf(x *mat.Dense) *mat.Dense {
	n, d := x.Dims()
	c := mat.DenseCopyOf(x)
	top := 0.0
	for j := range d {
		mean := 0.0
		for i := range n {
			mean += c.At(i, j) / float64(n)
		}
		for i := range n {
			v := c.At(i, j) - mean
			c.Set(i, j, v)
			top = max(top, math.Abs(v))
		}
	}
	if top > 0 {
		c.Scale(1/top, c)
	}
	var k mat.Dense
	k.Mul(c, c.T())
	return &k
}

// hsicPlain is tr(KL) of centred Gram matrices.
func hsicPlain(k, l *mat.Dense) float64 {
	n, _ := k.Dims()
	sum := 0.0
	for i := range n {
		for j, v := range k.RawRowView(i) {
			sum += v * l.At(i, j)
		}
	}
	return sum
}

// hsicUnbiased is Song et al.'s estimate, up to a factor that cancels:
// tr(K̃L̃) + ΣK̃·ΣL̃/((n−1)(n−2)) − 2/(n−2)·1ᵀK̃L̃1, with K̃ and L̃ without their diagonals.
func hsicUnbiased(k, l *mat.Dense) float64 {
	n, _ := k.Dims()
	var trace, sumK, sumL, cross float64
	for i := range n {
		var rowK, rowL float64
		for j, v := range k.RawRowView(i) {
			if i != j {
				w := l.At(i, j)
				trace += v * w
				rowK += v
				rowL += w
			}
		}
		sumK += rowK
		sumL += rowL
		cross += rowK * rowL
	}
	m := float64(n)
	return trace + sumK*sumL/((m-1)*(m-2)) - 2/(m-2)*cross
}
