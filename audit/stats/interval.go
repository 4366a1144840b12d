package stats

import "math"

// Interval is a two-sided confidence interval [Lo, Hi]; Level is its nominal
// coverage, 0.95 for 95 %.
type Interval struct {
	Lo    float64 `json:"lo"`
	Hi    float64 `json:"hi"`
	Level float64 `json:"level"`
}

// Contains reports whether Lo ≤ x ≤ Hi.
func (i Interval) Contains(x float64) bool { return i.Lo <= x && x <= i.Hi }

// Width returns Hi − Lo.
func (i Interval) Width() float64 { return i.Hi - i.Lo }

// ClopperPearson returns the exact interval of a rate from k successes in n
// independent trials: the beta quantiles B(α/2; k, n−k+1) and B(1−α/2; k+1, n−k)
// with α = 1−level. Its coverage is never below level. Without a trial, or with
// arguments that make no sense, it is [0, 1].
//
// Source: Clopper and Pearson, Biometrika 26 (1934).
func ClopperPearson(k, n int, level float64) Interval {
	out := Interval{Lo: 0, Hi: 1, Level: level}
	if n < 1 || k < 0 || k > n || !isLevel(level) {
		return out
	}
	tail := (1 - level) / 2
	if k > 0 {
		out.Lo = betaQuantile(tail, float64(k), float64(n-k)+1)
	}
	if k < n {
		out.Hi = betaQuantile(1-tail, float64(k)+1, float64(n-k))
	}
	return out
}

// Wilson returns the score interval of a rate from k successes in n independent
// trials, without continuity correction:
// (p + z²/2n ± z√(p(1−p)/n + z²/4n²)) / (1 + z²/n). It is shorter than
// [ClopperPearson] and holds its level on average, not for every rate. Bad
// arguments give [0, 1].
//
// Source: Wilson, JASA 22 (1927).
func Wilson(k, n int, level float64) Interval {
	out := Interval{Lo: 0, Hi: 1, Level: level}
	if n < 1 || k < 0 || k > n || !isLevel(level) {
		return out
	}
	z := normalQuantile((1 + level) / 2)
	size := float64(n)
	p := float64(k) / size
	centre := p + z*z/(2*size)
	half := z * math.Sqrt(p*(1-p)/size+z*z/(4*size*size))
	if k > 0 {
		out.Lo = (centre - half) / (1 + z*z/size)
	}
	if k < n {
		out.Hi = (centre + half) / (1 + z*z/size)
	}
	return out
}
