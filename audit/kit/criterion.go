package kit

import (
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/audit/stats"
)

type (
	// Criterion is what a criterion implements: a pure function from samples to comparisons. Its entry goes into
	// Catalogue.Criteria; package criteria, which is public, documents it.
	Criterion = criteria.Criterion
	// Comparison is an effect with the region in which it counts as none.
	Comparison = criteria.Comparison
	// Words are a criterion's sentences.
	Words = criteria.Words
	// Moot is the reason why a criterion does not apply to a whole audit.
	Moot = criteria.Moot
	// Gap judges an attack that leaves one positive number for each forget and each test image, small where it is known.
	Gap = criteria.Gap
	// Judged is which attack a gap judges, and in what words.
	Judged = criteria.Judged
	// Effect is an estimate with the uncertainty of its images and of its seeds; package stats makes effects.
	Effect = stats.Effect
	// Region is where an effect counts as none.
	Region = stats.Region
)

// What a PASS of a criterion found no evidence of.
const (
	Influence  = criteria.Influence  // something left of the forget set
	Difference = criteria.Difference // whether the model is still a good one
)

// NewGap is a gap with its default margin, in log of what the attack leaves.
func NewGap(margin float64, j Judged) *Gap { return criteria.NewGap(margin, j) }
