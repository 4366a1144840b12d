package stats

import (
	"fmt"
	"math"
)

// PairedEffect compares an audited model with its oracles image by image:
// subject[i] and oracles[k][i] are the same quantity, on the scale wanted (for
// instance a log error), of image i under the audited model and under oracle k.
//
//	Estimate = mean_i( subject_i − mean_k oracle_ki )
//	ImageSE² = Var_i( subject_i − mean_k oracle_ki ) / n
//	SeedSE²  = Var_k( mean_i oracle_ki ) / K
//	SE²      = ImageSE² + SeedSE²
//	DF       = SE⁴ / ( ImageSE⁴/(n−1) + SeedSE⁴/(K−1) )        (Satterthwaite 1946)
//
// The effect is the distance of this one model from the mean of the population
// of oracles. The audited model's own deviation, that of its seed included, is
// the quantity looked for and not an error: even a model retrained with a fresh
// seed has an effect as large as seeds differ, so a margin must exceed that: the
// effects of each oracle against the others show how much it is.
//
// Assumptions: images are drawn independently, oracles differ in their seed
// alone, means are near normal. The noise of the oracles on these images enters
// both parts, which errs towards too wide: with 3 oracles, 64 images and seeds
// that differ no more than image noise makes them, a 90 % interval covers in
// 91–93 %. Where seeds dominate, few oracles err the other way: a one-sided 5 %
// test rejects in up to 5.3 % with 5 oracles, 6.1 % with 3 and 8.2 % with 2
// (40,000 simulations each). Use 3 or more.
//
// It needs 2 images and 2 oracles: one oracle says nothing of how oracles differ.
func PairedEffect(subject []float64, oracles [][]float64) (Effect, error) {
	d, err := newDeviation("", subject, oracles)
	if err != nil {
		return Effect{}, fmt.Errorf("paired effect: %w", err)
	}
	return d.effect(), nil
}

// DifferenceInDifferences returns the effect on image set A minus the effect on
// image set B, both as in [PairedEffect]: how much further the audited model is
// from its oracles on A than on B. With log errors of forget and test images it
// is what membership leaves after a general difference in fit is taken away.
//
//	Estimate = effect(A) − effect(B)
//	ImageSE² = ImageSE²(A) + ImageSE²(B)
//	SeedSE²  = Var_k( mean_i oraA_ki − mean_j oraB_kj ) / K
//
// The sets share no image and may differ in size; oraA[k] and oraB[k] are the
// same oracle k. What an oracle does to A and B alike cancels. DF is
// Satterthwaite's over the three parts.
func DifferenceInDifferences(subjA []float64, oraA [][]float64, subjB []float64, oraB [][]float64) (Effect, error) {
	if len(oraA) != len(oraB) {
		return Effect{}, fmt.Errorf("difference in differences: %w: %d oracles for set A and %d for set B, give the same ones",
			ErrSample, len(oraA), len(oraB))
	}
	a, err := newDeviation(" of set A", subjA, oraA)
	if err != nil {
		return Effect{}, fmt.Errorf("difference in differences: %w", err)
	}
	b, err := newDeviation(" of set B", subjB, oraB)
	if err != nil {
		return Effect{}, fmt.Errorf("difference in differences: %w", err)
	}
	return a.minus(b).effect(), nil
}

// deviation is what an effect is made of. The images hold one variance part per
// image set, the seeds one row mean per oracle.
type deviation struct {
	estimate float64
	images   []part
	oracles  []float64
	count    int
	scale    float64 // largest absolute value read, to tell spread from rounding
}

// part is a variance of the estimate with its degrees of freedom.
type part struct{ variance, df float64 }

func newDeviation(set string, subject []float64, oracles [][]float64) (deviation, error) {
	if err := check("subject"+set, subject, 2); err != nil {
		return deviation{}, err
	}
	if err := checkRows("oracles"+set, oracles, len(subject), 2); err != nil {
		return deviation{}, err
	}
	n := len(subject)
	d := deviation{oracles: make([]float64, len(oracles)), count: n}
	diff := make([]float64, n)
	for i, s := range subject {
		d.scale = max(d.scale, math.Abs(s))
		var sum float64
		for _, row := range oracles {
			sum += row[i]
			d.scale = max(d.scale, math.Abs(row[i]))
		}
		diff[i] = s - sum/float64(len(oracles))
	}
	for k, row := range oracles {
		d.oracles[k] = mean(row)
	}
	var variance float64
	d.estimate, variance = moments(diff)
	d.images = []part{{variance: unlessRounding(variance, d.scale) / float64(n), df: float64(n - 1)}}
	return d, nil
}

func (d deviation) minus(b deviation) deviation {
	out := deviation{
		estimate: d.estimate - b.estimate,
		images:   []part{d.images[0], b.images[0]},
		oracles:  make([]float64, len(d.oracles)),
		count:    d.count + b.count,
		scale:    max(d.scale, b.scale),
	}
	for k := range out.oracles {
		out.oracles[k] = d.oracles[k] - b.oracles[k]
	}
	return out
}

func (d deviation) effect() Effect {
	seeds := len(d.oracles)
	_, variance := moments(d.oracles)
	seed := part{variance: unlessRounding(variance, d.scale) / float64(seeds), df: float64(seeds - 1)}
	var images float64
	for _, p := range d.images {
		images += p.variance
	}
	total, df := satterthwaite(append([]part{seed}, d.images...))
	return Effect{
		Estimate: d.estimate, SE: math.Sqrt(total), DF: df,
		Images: d.count, Seeds: seeds,
		ImageSE: math.Sqrt(images), SeedSE: math.Sqrt(seed.variance),
	}
}

// satterthwaite returns the sum v of independent variance estimates and its
// effective degrees of freedom v²/Σ(vᵢ²/νᵢ), 0 where nothing varies.
func satterthwaite(parts []part) (v, df float64) {
	for _, p := range parts {
		v += p.variance
	}
	if v == 0 {
		return 0, 0
	}
	var sum float64
	for _, p := range parts {
		share := p.variance / v
		sum += share * share / p.df
	}
	return v, 1 / sum
}
