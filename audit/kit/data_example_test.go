package kit_test

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit/kit"
)

// greys is a data set of flat pictures, a class for each half of the grey levels.
type greys struct {
	Size int `json:"size"`
}

func (d *greys) Open(uint64) (train, test kit.Images, err error) {
	if train, err = d.level(0, 255); err != nil {
		return nil, nil, err
	}
	test, err = d.level(100, 200)
	return train, test, err
}

// Take uses all images.
func (*greys) Take() (train, test int) { return 0, 0 }

func (d *greys) level(values ...uint8) (kit.Images, error) {
	var pix []uint8
	var labels []int
	for _, v := range values {
		labels = append(labels, int(v)/128)
		for range 3 * d.Size * d.Size {
			pix = append(pix, v)
		}
	}
	return kit.Pictures("greys", d.Size, []string{"dark", "light"}, labels, pix)
}

// A data set opens training and test images.
func Example_data() {
	train, test, err := (&greys{Size: 2}).Open(1)
	fmt.Println(train.Len(), test.Label(1), err)
	// Output: 2 1 <nil>
}
