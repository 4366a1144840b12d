package stats

import (
	"math"
	"slices"
)

// AUC returns P(a < b) + ½P(a = b) for a drawn from lower and b from higher: the
// area under the ROC curve when b's are the positives and larger means positive.
// For a membership attack on errors, where members have the smaller ones, lower
// are the members. 0.5 is chance; compare it with that of the oracles.
func AUC(lower, higher []float64) (float64, error) {
	if err := checkPair("lower", lower, "higher", higher, 1); err != nil {
		return 0, err
	}
	u, _ := placements(lower, higher)
	return mean(u), nil
}

// AUCInterval returns DeLong's interval of [AUC], A ± z·√(S₁₀/m + S₀₁/n), cut to
// [0, 1], where S are the variances of the placements of the m lower values among
// the n higher ones and the reverse. Where these vanish, as they do when the
// samples are apart or all values tie, it is Newcombe's interval (method 5), the
// A with |A−Â| ≤ z·√V(A), V(A) = A(1−A)(1 + (N−1)((1−A)/(2−A) + A/(1+A)))/mn, N = (m+n)/2.
// It speaks of images, not of seeds. Both samples need two values.
//
// Sources: DeLong et al., Biometrics 44 (1988); Newcombe, Stat. Med. 25 (2006).
func AUCInterval(lower, higher []float64, level float64) (Interval, error) {
	if err := checkPair("lower", lower, "higher", higher, 2); err != nil {
		return Interval{}, err
	}
	if err := checkLevel(level); err != nil {
		return Interval{}, err
	}
	ofLower, ofHigher := placements(lower, higher)
	area, varLower := moments(ofLower)
	_, varHigher := moments(ofHigher)
	z := normalQuantile((1 + level) / 2)
	se := math.Sqrt(varLower/float64(len(lower)) + varHigher/float64(len(higher)))
	if se == 0 {
		return newcombe(area, len(lower), len(higher), z, level), nil
	}
	return Interval{Lo: max(0, area-z*se), Hi: min(1, area+z*se), Level: level}, nil
}

func newcombe(area float64, m, n int, z, level float64) Interval {
	size := float64(m+n)/2 - 1
	compatible := func(a float64) bool {
		v := a * (1 - a) * (1 + size*((1-a)/(2-a)+a/(1+a))) / (float64(m) * float64(n))
		return math.Abs(a-area) <= z*math.Sqrt(v)
	}
	bound := func(outer float64) float64 {
		inner := area
		if compatible(outer) {
			inner = outer
		}
		for range 60 {
			middle := inner + (outer-inner)/2
			if compatible(middle) {
				inner = middle
			} else {
				outer = middle
			}
		}
		return inner
	}
	return Interval{Lo: bound(0), Hi: bound(1), Level: level}
}

// placements returns, for every lower value, the share of higher values above it
// and, for every higher value, the share of lower values below it, ties as ½.
// Both have the mean AUC. O((m+n) log(m+n)).
func placements(lower, higher []float64) (ofLower, ofHigher []float64) {
	below := func(x []float64) func(v float64) float64 {
		sorted := slices.Sorted(slices.Values(x))
		return func(v float64) float64 {
			from, _ := slices.BinarySearch(sorted, v)
			to, _ := slices.BinarySearchFunc(sorted, v, func(s, v float64) int {
				if s <= v {
					return -1
				}
				return 1
			})
			return (float64(from) + float64(to)) / (2 * float64(len(x)))
		}
	}
	belowHigher, belowLower := below(higher), below(lower)
	ofLower, ofHigher = make([]float64, len(lower)), make([]float64, len(higher))
	for i, v := range lower {
		ofLower[i] = 1 - belowHigher(v)
	}
	for i, v := range higher {
		ofHigher[i] = belowLower(v)
	}
	return ofLower, ofHigher
}
