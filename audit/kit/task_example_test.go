package kit_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit/kit"
)

// lower hides the lower half of an image.
type lower struct{}

func (*lower) Masked() bool { return true }

func (*lower) Check(s int) error {
	if s%2 != 0 {
		return fmt.Errorf("task own/lower: images have side %d: want an even number", s)
	}
	return nil
}

func (*lower) Degrade(pixels, region, img []float32, s int, _ *rand.Rand) {
	copy(pixels, img)
	for i := s * s / 2; i < s*s; i++ {
		region[i] = 1
		for c := range 3 {
			pixels[c*s*s+i] = 0
		}
	}
}

// A task says what a model is shown, and which pixels it must paint.
func Example_task() {
	v, err := kit.Apply(&lower{}, []float32{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 2, []uint64{1})
	fmt.Println(v.Pixels, v.Region, err)
	// Output: [1 1 0 0 1 1 0 0 1 1 0 0] [0 0 1 1] <nil>
}
