package stats

import (
	"errors"
	"fmt"
	"math"
)

// ErrSample marks input from which nothing can be computed: empty, too short,
// ragged, or with a value that is NaN, infinite or beyond ±1e150.
var ErrSample = errors.New("unusable sample")

// MeanSD returns the mean and the sample standard deviation
// sqrt(Σ(x−mean)²/(n−1)) of x. It needs two finite values.
func MeanSD(x []float64) (mean, sd float64, err error) {
	if err := check("x", x, 2); err != nil {
		return 0, 0, err
	}
	mean, variance := moments(x)
	return mean, math.Sqrt(variance), nil
}

// moments returns the mean and the variance (n−1) of len(x) ≥ 2 values in two
// passes; values that differ by rounding alone have variance 0.
func moments(x []float64) (centre, variance float64) {
	centre = mean(x)
	var sum, rest, scale float64
	for _, v := range x {
		d := v - centre
		sum += d * d
		rest += d
		scale = max(scale, math.Abs(v))
	}
	n := float64(len(x))
	variance = (sum - rest*rest/n) / (n - 1)
	return centre, unlessRounding(variance, scale)
}

// unlessRounding takes a variance for 0 where rounding explains it in values as
// large as scale.
func unlessRounding(variance, scale float64) float64 {
	if limit := rounding * scale; variance <= limit*limit {
		return 0
	}
	return variance
}

// rounding is the relative spread below which values count as equal: what sums
// of float64 leave behind.
const rounding = 1e-14

// largest is the largest absolute value accepted: sums of squares stay finite.
const largest = 1e150

func mean(x []float64) float64 {
	var sum float64
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

func check(name string, x []float64, atLeast int) error {
	if len(x) < atLeast {
		return fmt.Errorf("%w: %s has %d values, give at least %d", ErrSample, name, len(x), atLeast)
	}
	for i, v := range x {
		if math.IsNaN(v) || math.Abs(v) > largest {
			return fmt.Errorf("%w: %s[%d] is %v, remove or repair it", ErrSample, name, i, v)
		}
	}
	return nil
}

// checkRows checks a rectangular table with at least two rows of n values each.
func checkRows(name string, rows [][]float64, n, atLeast int) error {
	if len(rows) < atLeast {
		return fmt.Errorf("%w: %s has %d rows (seeds), give at least %d", ErrSample, name, len(rows), atLeast)
	}
	for k, row := range rows {
		if len(row) != n {
			return fmt.Errorf("%w: %s[%d] has %d values where %d are paired", ErrSample, name, k, len(row), n)
		}
		if err := check(fmt.Sprintf("%s[%d]", name, k), row, 2); err != nil {
			return err
		}
	}
	return nil
}

func isLevel(level float64) bool { return level > 0 && level < 1 }

func checkLevel(level float64) error {
	if !isLevel(level) {
		return fmt.Errorf("level is %v, give one between 0 and 1, such as 0.95", level)
	}
	return nil
}

func checkPair(nameA string, a []float64, nameB string, b []float64, atLeast int) error {
	if err := check(nameA, a, atLeast); err != nil {
		return err
	}
	return check(nameB, b, atLeast)
}
