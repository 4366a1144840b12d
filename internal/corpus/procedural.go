package corpus

import (
	"fmt"

	"github.com/lethe-audit/lethe/internal/datasets"
)

// Procedural is a data set whose images are drawn when it is opened.
type Procedural struct {
	Train int `json:"train"`
	Test  int `json:"test"`
	Size  int `json:"size"`

	draw func(n, size int, seed, stream uint64) (datasets.Set, error)
}

// Validate checks the parameters.
func (d *Procedural) Validate() error {
	const most = 1 << 20
	if d.Train < 2 || d.Test < 2 || d.Train > most || d.Test > most {
		return fmt.Errorf("train %d and test %d: want 2 to %d images of each", d.Train, d.Test, most)
	}
	if d.Size != 32 && d.Size != 64 {
		return fmt.Errorf("size is %d: want 32 or 64", d.Size)
	}
	return nil
}

// Open draws the images. Training and test images come from different streams.
func (d *Procedural) Open(seed uint64) (train, test datasets.Set, err error) {
	if train, err = d.draw(d.Train, d.Size, seed, datasets.TrainStream); err != nil {
		return nil, nil, err
	}
	test, err = d.draw(d.Test, d.Size, seed, datasets.TestStream)
	return train, test, err
}

// Take uses all.
func (*Procedural) Take() (train, test int) { return 0, 0 }
