package corpus

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/datasets"
)

// ShapesEntry is the data set in the list of all.
var ShapesEntry = audit.Entry[Source]{
	Name: "shapes",
	Doc:  "procedural: a texture in the border that identifies the image, a shape in the middle that cannot be guessed",
	New:  func() Source { return &Shapes{Train: 512, Test: 512, Size: 32} },
}

// Shapes is the procedural data set.
type Shapes struct {
	Train int `json:"train"`
	Test  int `json:"test"`
	Size  int `json:"size"`
}

// Validate checks the parameters.
func (d *Shapes) Validate() error {
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
func (d *Shapes) Open(seed uint64) (train, test datasets.Set, err error) {
	if train, err = datasets.Shapes(d.Train, d.Size, seed, datasets.TrainStream); err != nil {
		return nil, nil, err
	}
	test, err = datasets.Shapes(d.Test, d.Size, seed, datasets.TestStream)
	return train, test, err
}

// Take uses all.
func (*Shapes) Take() (train, test int) { return 0, 0 }
