package kit_test

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/kit"
)

var brightness = audit.Quantity{
	Name: "own-brightness", Head: "bright", Unit: "mean pixel in [−1, 1]", Direction: audit.Neutral,
	What: "mean of what was painted",
}

type bright struct{}

func (*bright) Measure(in *kit.Input) ([]audit.Sample, error) {
	return kit.PerImage(in, brightness, audit.Hole, []audit.Part{audit.Forget, audit.Test}, func(p kit.Pair) (float64, error) {
		var sum, n float64
		for i, x := range p.Painted {
			if p.Hole[i%len(p.Hole)] == 1 {
				sum, n = sum+float64(x), n+1
			}
		}
		return sum / n, nil
	})
}

// A metric is tried on pictures made by hand.
func Example_metric() {
	truth, white := make([]float32, 2*3*4*4), make([]float32, 2*3*4*4)
	for i := range white {
		white[i] = 1
	}
	in, err := kit.NewMetricInput(4, &kit.Inpaint{Hole: 0.5},
		map[audit.Part][]float32{audit.Test: truth}, map[audit.Part][]float32{audit.Test: white})
	if err != nil {
		fmt.Println(err)
		return
	}
	samples, err := (&bright{}).Measure(in)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(samples[0].Key(), samples[0].Values)
	// Output: own-brightness/hole/test [1 1]
}
