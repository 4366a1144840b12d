package metrics

import (
	"fmt"
	"math"
)

// Resamples are the values of a set metric over subsets or splits, in order: raw samples from which a criterion
// makes its own interval.
type Resamples []float64

// Mean is the average, 0 for no values.
func (r Resamples) Mean() float64 {
	sum := 0.0
	for _, v := range r {
		sum += v
	}
	return sum / float64(max(1, len(r)))
}

// Std is the standard deviation with divisor len − ddof: 0 for the population's (torch-fidelity), 1 for a sample's
// (torchmetrics). Too few values are an error: torchmetrics' NaN for a single split.
func (r Resamples) Std(ddof int) (float64, error) {
	if ddof < 0 || len(r) <= ddof {
		return 0, fmt.Errorf("standard deviation of %d values with ddof %d: give more values", len(r), ddof)
	}
	mean, sum := r.Mean(), 0.0
	for _, v := range r {
		sum += (v - mean) * (v - mean)
	}
	return math.Sqrt(sum / float64(len(r)-ddof)), nil
}
