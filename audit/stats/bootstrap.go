package stats

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// ErrConstant marks a sample, or a statistic of it, that does not vary: a
// bootstrap of it would be a point and claim certainty.
var ErrConstant = errors.New("no variation to resample")

// fewest is the least number of resamples: below, a 95 % percentile is one or
// two values.
const fewest = 100

// BCa returns the bias-corrected and accelerated bootstrap interval of
// statistic(x) from b resamples (1,000 or more for 95 %) of the independent values
// x. statistic gets a buffer that it must neither change nor keep. With
// z₀ = Φ⁻¹(share of resamples below the estimate, ties ½), acceleration
// a = Σ(m−θᵢ)³ / 6(Σ(m−θᵢ)²)^{3/2} over the jackknife values θᵢ and their mean m, it is the
// quantiles of the resamples at Φ(z₀ + (z₀+z)/(1−a(z₀+z))), z = ∓Φ⁻¹((1+level)/2), linearly
// interpolated.
//
// It gives [ErrConstant] where x or every resample is constant, and an error
// where the estimate lies outside all resamples.
//
// Source: Efron, JASA 82 (1987); agrees with scipy.stats.bootstrap(method="BCa").
func BCa(x []float64, statistic func([]float64) float64, b int, level float64, rng *rand.Rand) (Interval, error) {
	if err := checkBootstrap(x, b, level, rng); err != nil {
		return Interval{}, fmt.Errorf("bootstrap: %w", err)
	}
	buffer := make([]float64, len(x))
	replicates, err := resample(b, func() float64 {
		for i := range buffer {
			buffer[i] = x[rng.IntN(len(x))]
		}
		return statistic(buffer)
	})
	if err != nil {
		return Interval{}, err
	}
	jackknife := make([]float64, len(x))
	for i := range x {
		copy(buffer, x[:i])
		copy(buffer[i:], x[i+1:])
		jackknife[i] = statistic(buffer[:len(x)-1])
	}
	return bca(statistic(x), replicates, jackknife, level)
}

// bca takes sorted replicates.
func bca(estimate float64, replicates, jackknife []float64, level float64) (Interval, error) {
	if err := check("statistic without one value", jackknife, 2); err != nil {
		return Interval{}, fmt.Errorf("bootstrap: %w", err)
	}
	from, _ := slices.BinarySearch(replicates, estimate)
	to := from
	for to < len(replicates) && replicates[to] == estimate {
		to++
	}
	z0 := normalQuantile(float64(from+to) / float64(2*len(replicates)))
	if math.IsInf(z0, 0) {
		return Interval{}, fmt.Errorf("bootstrap: all %d resamples lie on one side of the estimate %v: use another statistic "+
			"or interval", len(replicates), estimate)
	}
	a := acceleration(jackknife)
	at := func(z float64) float64 {
		return quantile(replicates, normalCDF(z0+(z0+z)/(1-a*(z0+z))))
	}
	z := normalQuantile((1 + level) / 2)
	return Interval{Lo: at(-z), Hi: at(z), Level: level}, nil
}

// acceleration is 0 where the jackknife does not vary, as that of a median may.
func acceleration(jackknife []float64) float64 {
	centre, variance := moments(jackknife)
	if variance == 0 {
		return 0
	}
	var cubes, squares float64
	for _, v := range jackknife {
		d := (centre - v) / math.Sqrt(variance)
		cubes += d * d * d
		squares += d * d
	}
	return cubes / (6 * math.Pow(squares, 1.5))
}

// Clustered returns the percentile bootstrap interval of statistic(values), where
// values[k][i] belongs to seed k and image i. A resample draws seeds with
// replacement, then images, the same ones for every seed drawn, because the
// images are paired. statistic gets a buffer that it must neither change nor keep.
//
// Resampling K seeds understates what seeds contribute to the variance by the
// factor (K−1)/K, and percentiles lack the t-quantile's width: with few seeds prefer
// [PairedEffect]; this is for statistics that are no means.
//
// Source: Owen, Ann. Appl. Stat. 1 (2007), "pigeonhole bootstrap".
func Clustered(values [][]float64, statistic func([][]float64) float64, b int, level float64, rng *rand.Rand) (Interval, error) {
	if len(values) == 0 {
		return Interval{}, fmt.Errorf("clustered bootstrap: %w: no seeds", ErrSample)
	}
	images := len(values[0])
	if err := checkRows("values", values, images, 2); err != nil {
		return Interval{}, fmt.Errorf("clustered bootstrap: %w", err)
	}
	if err := checkBootstrap(slices.Concat(values...), b, level, rng); err != nil {
		return Interval{}, fmt.Errorf("clustered bootstrap: %w", err)
	}
	buffer := make([][]float64, len(values))
	for k := range buffer {
		buffer[k] = make([]float64, images)
	}
	seeds := make([]int, len(values))
	replicates, err := resample(b, func() float64 {
		for k := range seeds {
			seeds[k] = rng.IntN(len(values))
		}
		for i := range images {
			from := rng.IntN(images)
			for k, seed := range seeds {
				buffer[k][i] = values[seed][from]
			}
		}
		return statistic(buffer)
	})
	if err != nil {
		return Interval{}, err
	}
	tail := (1 - level) / 2
	return Interval{Lo: quantile(replicates, tail), Hi: quantile(replicates, 1-tail), Level: level}, nil
}

// resample returns b sorted draws.
func resample(b int, draw func() float64) ([]float64, error) {
	replicates := make([]float64, b)
	for i := range replicates {
		replicates[i] = draw()
	}
	if err := check("statistic of resample", replicates, 2); err != nil {
		return nil, fmt.Errorf("bootstrap: %w", err)
	}
	slices.Sort(replicates)
	if replicates[0] == replicates[b-1] {
		return nil, fmt.Errorf("bootstrap: %w: the statistic is %v in every resample", ErrConstant, replicates[0])
	}
	return replicates, nil
}

func checkBootstrap(x []float64, b int, level float64, rng *rand.Rand) error {
	if err := check("x", x, 2); err != nil {
		return err
	}
	if err := checkLevel(level); err != nil {
		return err
	}
	switch {
	case b < fewest:
		return fmt.Errorf("%d resamples, give at least %d", b, fewest)
	case rng == nil:
		return errors.New("no random generator, give a seeded one")
	case slices.Min(x) == slices.Max(x):
		return fmt.Errorf("%w: all %d values are %v", ErrConstant, len(x), x[0])
	}
	return nil
}

// quantile interpolates linearly between the order statistics of sorted values,
// at (n−1)·p (Hyndman and Fan's type 7, numpy's default).
func quantile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	i := min(int(at), len(sorted)-2)
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
