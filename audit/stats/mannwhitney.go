package stats

import "math"

// RankTest is the result of [MannWhitney].
type RankTest struct {
	U        float64 `json:"u"` // pairs with a > b, ties as ½; U/(len(a)·len(b)) is the AUC
	PTwo     float64 `json:"pTwo"`
	PLess    float64 `json:"pLess"`    // small where a tends to be smaller
	PGreater float64 `json:"pGreater"` // small where a tends to be larger
	Exact    bool    `json:"exact"`
}

// exactRanks is the size of both samples up to which p-values are exact.
const exactRanks = 50

// MannWhitney compares two independent samples by U, the number of pairs with
// a > b (a tie counts ½). p-values are exact for samples of up to 50 without
// ties. Otherwise U is taken as normal with mean mn/2 and variance
// mn/12·(N+1 − Σ(t³−t)/(N(N−1))), t the sizes of ties, N = m+n, with a continuity
// correction of ½. The two-sided one is twice the smaller one-sided one, at most 1.
//
// Source: Mann and Whitney, Ann. Math. Stat. 18 (1947).
func MannWhitney(a, b []float64) (RankTest, error) {
	if err := checkPair("a", a, "b", b, 1); err != nil {
		return RankTest{}, err
	}
	pairs := float64(len(a)) * float64(len(b))
	// Of the placements' mean, pairs·mean is a multiple of ½: rounding restores it.
	ofB, _ := placements(b, a)
	u := math.Round(2*pairs*mean(ofB)) / 2
	ties := tieTerm(a, b)
	if ties == 0 && len(a) <= exactRanks && len(b) <= exactRanks {
		return exactRankTest(u, len(a), len(b)), nil
	}
	return normalRankTest(u, len(a), len(b), ties), nil
}

func normalRankTest(u float64, m, n int, ties float64) RankTest {
	pairs, total := float64(m)*float64(n), float64(m+n)
	sd := math.Sqrt(pairs / 12 * max(0, total+1-ties/(total*(total-1))))
	upper := func(u float64) float64 {
		if sd == 0 {
			return 1 // all values tie
		}
		return normalCDF(-(u - pairs/2 - 0.5) / sd)
	}
	return rankTest(u, pairs, upper, false)
}

func exactRankTest(u float64, m, n int) RankTest {
	ways := rankSums(m, n)
	var all float64
	for _, w := range ways {
		all += w
	}
	upper := func(u float64) float64 {
		var sum float64
		for _, w := range ways[int(u):] {
			sum += w
		}
		return sum / all
	}
	return rankTest(u, float64(m)*float64(n), upper, true)
}

// rankTest fills the p-values from the upper tail P(U ≥ u), U being symmetric.
func rankTest(u, pairs float64, upper func(u float64) float64, exact bool) RankTest {
	return RankTest{
		U: u, PGreater: upper(u), PLess: upper(pairs - u),
		PTwo: min(1, 2*upper(max(u, pairs-u))), Exact: exact,
	}
}

// rankSums returns, for u = 0 … mn, the number of orders of m and n distinct
// values with U = u: choose m of the ranks 1 … m+n one by one.
func rankSums(m, n int) []float64 {
	ways := make([][]float64, m+1)
	for k := range ways {
		ways[k] = make([]float64, m*n+1)
	}
	ways[0][0] = 1
	for rank := 1; rank <= m+n; rank++ {
		for k := min(m, rank); k >= 1; k-- {
			// The k-th chosen value exceeds rank−k others.
			for u := rank - k; u <= m*n; u++ {
				ways[k][u] += ways[k-1][u-(rank-k)]
			}
		}
	}
	return ways[m]
}

// tieTerm returns Σ(t³−t) over groups of t equal values in both samples.
func tieTerm(a, b []float64) float64 {
	count := make(map[float64]float64, len(a)+len(b))
	for _, x := range [][]float64{a, b} {
		for _, v := range x {
			count[v]++
		}
	}
	var sum float64
	for _, t := range count {
		sum += t*t*t - t // whole numbers: the order of the map cannot show
	}
	return sum
}
