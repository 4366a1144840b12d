package stats

import (
	"math"
	"sort"
)

// MinimalDetectable returns the smallest true |effect| that a two-sided level-α
// t-test against 0 with the SE and DF of e finds with the power given: δ·SE, where
// δ solves P(T_DF(δ) > t_{1−α/2}) = power for Student's noncentral t. With a margin,
// add the margin. It is the X of "no evidence of residual influence above X, at
// power Y"; +∞ where e or the arguments are unusable.
func MinimalDetectable(e Effect, alpha, power float64) float64 {
	if !e.usable() || !isLevel(alpha) || !isLevel(power) {
		return math.Inf(1)
	}
	return max(0, noncentrality(alpha/2, power, e.DF)) * e.SE
}

// ImagesNeeded returns the total number of images at which [TwoSided] with the margin
// is expected to decide: to show equivalence where |Estimate| < margin, a
// difference where |Estimate| > margin, at level alpha and with the power given. See
// [Region.ImagesNeeded].
func ImagesNeeded(e Effect, margin, alpha, power float64) (total int, ok bool) {
	return Within(margin).ImagesNeeded(e, alpha, power)
}

// SeedsNeeded is [ImagesNeeded] for the total number of oracles; total − e.Seeds
// is the number in "7 more seeds would decide".
func SeedsNeeded(e Effect, margin, alpha, power float64) (total int, ok bool) {
	return Within(margin).SeedsNeeded(e, alpha, power)
}

// most is the number of images or seeds beyond which advice is no advice.
const most = 1_000_000

// ImagesNeeded returns the total number of images (of both sets in a difference
// in differences, in today's proportion), at least e.Images, at which
// [Region.Test] is expected to decide, with the number of oracles as it is. It
// takes the estimate for the truth and the spreads for the true ones: ImageSE²
// falls as 1/images, SeedSE² stays. ok is false where images alone do not
// suffice (or not below a million), and where the estimate lies on a bound.
func (r Region) ImagesNeeded(e Effect, alpha, power float64) (total int, ok bool) {
	if !e.usable() {
		return 0, false
	}
	return r.needed(e.Images, alpha, power, e.Estimate, func(n int) (se, df float64) {
		return e.resized(float64(n)/float64(e.Images), 1)
	})
}

// SeedsNeeded returns the total number of oracles, at least e.Seeds, at which
// [Region.Test] is expected to decide, with the images as they are: SeedSE²
// falls as 1/oracles, ImageSE² is taken to stay. See [Region.ImagesNeeded].
func (r Region) SeedsNeeded(e Effect, alpha, power float64) (total int, ok bool) {
	if !e.usable() {
		return 0, false
	}
	return r.needed(e.Seeds, alpha, power, e.Estimate, func(n int) (se, df float64) {
		return e.resized(1, float64(n)/float64(e.Seeds))
	})
}

func (r Region) needed(from int, alpha, power, estimate float64, at func(n int) (se, df float64)) (int, bool) {
	if !isLevel(alpha) || !isLevel(power) || !(r.Lo <= r.Hi) {
		return 0, false
	}
	tail := alpha
	distance := min(estimate-r.Lo, r.Hi-estimate)
	bounded := !math.IsInf(r.Lo, -1) && !math.IsInf(r.Hi, 1)
	switch {
	case math.IsInf(distance, 0) || distance == 0:
		return 0, false
	case distance > 0 && bounded:
		// Both one-sided tests must succeed: share the risk (Bonferroni).
		power = (1 + power) / 2
	case bounded:
		tail = alpha / 2
	}
	distance = math.Abs(distance)
	decides := func(n int) bool {
		se, df := at(n)
		return tPower(distance/se, tail, df) >= power
	}
	return least(from, most, decides)
}

// least returns a number between from and to for which holds is true and, where
// holds is monotone, the least. It walks up in steps of 1 % first: a smaller SE
// may come with fewer degrees of freedom, so what holds now may fail further up.
func least(from, to int, holds func(n int) bool) (int, bool) {
	last := from - 1
	for n := from; n <= to; n += 1 + n/100 {
		if holds(n) {
			return last + 1 + sort.Search(n-last-1, func(i int) bool { return holds(last + 1 + i) }), true
		}
		last = n
	}
	return 0, false
}

// resized returns SE and DF with images and oracles times the factors given. The
// images' degrees of freedom are those that explain e.DF.
func (e Effect) resized(images, seeds float64) (se, df float64) {
	imageShare := e.ImageSE * e.ImageSE / (e.SE * e.SE)
	seedShare := e.SeedSE * e.SeedSE / (e.SE * e.SE)
	seedDF := float64(e.Seeds - 1)
	imageDF := float64(e.Images - 1)
	if rest := 1/e.DF - seedShare*seedShare/seedDF; rest > 0 && imageShare > 0 {
		imageDF = imageShare * imageShare / rest
	}
	grown := float64(e.Seeds)*seeds - 1
	v, df := satterthwaite([]part{
		{variance: imageShare / images, df: imageDF * images},
		{variance: seedShare / seeds, df: grown},
	})
	return math.Sqrt(v) * e.SE, df
}

// noncentrality returns the δ at which [tPower] is power, +∞ beyond a billion.
func noncentrality(tail, power, df float64) float64 {
	lo, hi := -1.0, 1.0
	for tPower(lo, tail, df) > power {
		lo *= 2
	}
	for tPower(hi, tail, df) < power {
		if hi *= 2; hi > 1e9 {
			return math.Inf(1)
		}
	}
	for range 60 {
		middle := lo + (hi-lo)/2
		if tPower(middle, tail, df) < power {
			lo = middle
		} else {
			hi = middle
		}
	}
	return hi
}

// tPower returns P(T_df(δ) > t_{1−tail}), the power of a one-sided t-test of level
// tail. Beyond δ = 38, which matters with fewer than 3 degrees of freedom and a
// tail below 0.01, the noncentral t is approximate and the power off by up to 0.05.
func tPower(delta, tail, df float64) float64 {
	critical := -studentQuantile(tail, df)
	if df > 1e4 {
		return normalCDF(delta - critical) // closer than 1e-3
	}
	if math.IsInf(critical, 1) {
		return 0
	}
	return 1 - noncentralCDF(critical, df, delta)
}
