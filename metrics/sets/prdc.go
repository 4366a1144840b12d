package sets

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/embeddings"
)

// PRDCVariant names a convention for the balls: whether an image on the edge of one lies in it.
type PRDCVariant string

const (
	// PRDCStrict is clovaai/generative-evaluation-prdc (Naeem et al. 2020): inside is nearer than the radius. Its
	// default is K = 5.
	PRDCStrict PRDCVariant = "prdc"
	// PRDCFidelity is torch-fidelity's metric_prc.py: as near as the radius is inside too. Its default is K = 3, as in
	// Kynkäänniemi et al. (2019).
	PRDCFidelity PRDCVariant = "torch-fidelity"
)

// PRDCOptions names the two sets, one embedding a row, and the convention. K 0 takes the variant's default.
type PRDCOptions struct {
	Real, Fake *mat.Dense
	K          int
	Variant    PRDCVariant
}

// PRDCResult holds four numbers; higher is better in all. Precision, recall and coverage are shares in [0, 1], density
// is ≥ 0 and may exceed 1.
type PRDCResult struct {
	Precision float64 // share of fake images in the ball of some real image: are they realistic?
	Recall    float64 // share of real images in the ball of some fake image: is their variety reached?
	Density   float64 // real balls a fake image lies in, in the mean, divided by K; 1 in the mean for equal distributions
	Coverage  float64 // share of real images whose ball holds a fake image
}

// F is the harmonic mean of precision and recall, 0 where both are 0 (torch-fidelity's f_score).
// Part of the library: an audit gives the two, not F.
func (r PRDCResult) F() float64 { return 2 * r.Precision * r.Recall / max(1e-5, r.Precision+r.Recall) }

// PRDC is improved precision and recall (Kynkäänniemi et al. 2019, section 3) and density and coverage (Naeem et al.
// 2020, section 3) of fake images against real ones. Every image has a ball that reaches to its K-th nearest neighbour
// in its own set, itself not counted; the Euclidean distance of two embeddings is that of float64. torch-fidelity has
// no density or coverage: in its variant they follow its rule for the edge.
//
// Ties are ties: equal rows are at distance 0, and the same two rows have the same distance in every role. Codes that
// take distances from |x|² + |y|² − 2x·y (scikit-learn, and so clovaai's) see duplicates at distances around 1e-8, of
// which some then lie in balls of radius 0; here strict balls of radius 0 hold nothing.
//
// Memory is O((n + m)·(d + K)): no matrix of distances is kept. Values that are not finite, rows of different length
// and K outside 1 to n−1 of the smaller set are errors.
func PRDC(o PRDCOptions) (PRDCResult, error) {
	if _, _, err := embeddings.CheckPair("real set", o.Real, "fake set", o.Fake); err != nil {
		return PRDCResult{}, fmt.Errorf("prdc: %w", err)
	}
	k := o.K
	switch {
	case o.Variant != PRDCStrict && o.Variant != PRDCFidelity:
		return PRDCResult{}, fmt.Errorf("unknown prdc variant %q: one of %q, %q", string(o.Variant), PRDCStrict, PRDCFidelity)
	case k == 0 && o.Variant == PRDCStrict:
		k = 5
	case k == 0:
		k = 3
	}
	n, _ := o.Real.Dims()
	m, _ := o.Fake.Dims()
	if k < 1 || k >= min(n, m) {
		return PRDCResult{}, fmt.Errorf("prdc of %d real and %d fake embeddings with k = %d: k must be at least 1 and less "+
			"than the size of each set", n, m, k)
	}
	real, fake, unit := inRange(o.Real, o.Fake)
	b := balls{inclusive: o.Variant == PRDCFidelity}
	var err error
	if b.real, err = radii(real, k, unit); err != nil {
		return PRDCResult{}, fmt.Errorf("prdc, real set: %w", err)
	}
	if b.fake, err = radii(fake, k, unit); err != nil {
		return PRDCResult{}, fmt.Errorf("prdc, fake set: %w", err)
	}
	if err := b.count(real, fake, unit); err != nil {
		return PRDCResult{}, fmt.Errorf("prdc: %w", err)
	}
	return PRDCResult{
		Precision: share(b.precise), Recall: share(b.recalled), Coverage: share(b.covered),
		Density: float64(b.pairs) / (float64(k) * float64(m)),
	}, nil
}

func share(v []bool) float64 {
	n := 0
	for _, in := range v {
		if in {
			n++
		}
	}
	return float64(n) / float64(len(v))
}
