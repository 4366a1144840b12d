package stats

import "math"

// Effect is an estimated difference between an audited model and the population
// of oracles, in the unit of the samples, with the uncertainty that images and
// oracle seeds leave.
//
// The zero Effect, and one whose SE is 0 because nothing varied, is no evidence
// for anything: its p-values are 1 and its interval is unbounded.
type Effect struct {
	Estimate float64 `json:"estimate"`
	SE       float64 `json:"se"`      // √(ImageSE² + SeedSE²)
	DF       float64 `json:"df"`      // Satterthwaite degrees of freedom
	Images   int     `json:"images"`  // distinct images, of both sets in a difference in differences
	Seeds    int     `json:"seeds"`   // oracles
	ImageSE  float64 `json:"imageSE"` // part of SE that more images shrink
	SeedSE   float64 `json:"seedSE"`  // part of SE that more oracles shrink
}

// Interval returns the two-sided Student interval Estimate ± t·SE with DF degrees
// of freedom. It is (−∞, ∞) where the effect or the level is unusable.
func (e Effect) Interval(level float64) Interval {
	if !e.usable() || !isLevel(level) {
		return Interval{Lo: math.Inf(-1), Hi: math.Inf(1), Level: level}
	}
	half := -studentQuantile((1-level)/2, e.DF) * e.SE
	return Interval{Lo: e.Estimate - half, Hi: e.Estimate + half, Level: level}
}

// PGreater returns the one-sided p-value of H0: effect ≤ x against effect > x,
// P(T ≥ (Estimate−x)/SE). Small values are evidence that the effect exceeds x.
func (e Effect) PGreater(x float64) float64 {
	if !e.usable() || math.IsNaN(x) {
		return 1
	}
	return studentCDF((x-e.Estimate)/e.SE, e.DF)
}

// PLess returns the one-sided p-value of H0: effect ≥ x against effect < x,
// P(T ≤ (Estimate−x)/SE). Small values are evidence that the effect is below x.
func (e Effect) PLess(x float64) float64 {
	if !e.usable() || math.IsNaN(x) {
		return 1
	}
	return studentCDF((e.Estimate-x)/e.SE, e.DF)
}

func (e Effect) usable() bool {
	finite := !math.IsNaN(e.Estimate) && !math.IsInf(e.Estimate, 0)
	return finite && e.SE > 0 && !math.IsInf(e.SE, 0) && e.DF > 0 && e.Images > 1 && e.Seeds > 1
}
