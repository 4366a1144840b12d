package sets_test

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/metrics/sets"
)

// Real images on a line; the fake ones have only half of their variety.
func ExamplePRDC() {
	real := mat.NewDense(6, 1, []float64{0, 1, 2, 3, 4, 5})
	fake := mat.NewDense(4, 1, []float64{0.1, 0.4, 1.1, 1.6})
	r, err := sets.PRDC(sets.PRDCOptions{Real: real, Fake: fake, K: 1, Variant: sets.PRDCStrict})
	fmt.Println(err)
	fmt.Printf("precision %.2f, recall %.2f, density %.2f, coverage %.2f\n", r.Precision, r.Recall, r.Density, r.Coverage)
	// Output:
	// <nil>
	// precision 1.00, recall 0.50, density 2.00, coverage 0.50
}

func ExampleKIDInterval() {
	x := mat.NewDense(6, 2, []float64{0, 0, 1, 0, 0, 1, 1, 1, 2, 0, 0, 2})
	y := mat.NewDense(6, 2, []float64{1, 1, 2, 1, 1, 2, 2, 2, 3, 1, 1, 3})
	k, err := sets.KIDInterval(x, y, 0.95)
	fmt.Println(err)
	fmt.Printf("%.1f in [%.1f, %.1f]\n", k.Value, k.Low, k.High)
	// Output:
	// <nil>
	// 32.4 in [-4.5, 69.2]
}

func ExampleCMMD() {
	x := mat.NewDense(2, 2, []float64{1, 0, 0, 1})
	y := mat.NewDense(2, 2, []float64{-1, 0, 0, -1})
	v, err := sets.CMMD(x, y)
	fmt.Println(err)
	fmt.Printf("%.3f\n", v)
	// Output:
	// <nil>
	// 19.801
}
