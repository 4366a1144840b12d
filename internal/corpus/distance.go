package corpus

import "math"

// SquaredDistance is each image's ‖(a − b)·region‖₂², in the pixels' unit squared.
func SquaredDistance(a, b, region []float32, size int) []float64 {
	area := size * size
	out := make([]float64, len(region)/area)
	for i := range out {
		for c := range 3 {
			for p := range area {
				if region[i*area+p] == 0 {
					continue
				}
				d := float64(a[(i*3+c)*area+p]) - float64(b[(i*3+c)*area+p])
				out[i] += d * d
			}
		}
	}
	return out
}

// Displacement is each image's ‖(a − b)·region‖₂, the distance of two models'
// paintings, in the pixels' unit.
func Displacement(a, b, region []float32, size int) []float64 {
	out := SquaredDistance(a, b, region, size)
	for i, v := range out {
		out[i] = math.Sqrt(v)
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
