package corpus

import "math"

// Displacement is each image's ‖(a − b)·region‖₂, the distance of two models'
// paintings, in the pixels' unit.
func Displacement(a, b, region []float32, size int) []float64 {
	area := size * size
	n := len(region) / area
	out := make([]float64, n)
	for i := range n {
		var sum float64
		for c := range 3 {
			for p := range area {
				if region[i*area+p] == 0 {
					continue
				}
				d := float64(a[(i*3+c)*area+p]) - float64(b[(i*3+c)*area+p])
				sum += d * d
			}
		}
		out[i] = math.Sqrt(sum)
	}
	return out
}

// Mean of values.
func Mean(v []float64) float64 {
	var sum float64
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}
