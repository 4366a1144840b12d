package perceptual_test

import (
	"fmt"

	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/metrics/perceptual"
)

// One layer of two channels and one pixel: the directions (0.6, 0.8) and (1, 0), of which the first channel counts half.
func ExampleLPIPS() {
	a := []features.Activation{{C: 2, H: 1, W: 1, Values: []float32{3, 4}}}
	b := []features.Activation{{C: 2, H: 1, W: 1, Values: []float32{2, 0}}}
	d, _, err := perceptual.LPIPS(a, b, [][]float64{{0.5, 1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f\n", d)
	// Output: 0.720
}
