package own

import (
	"fmt"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/kit"
)

// This file shows a data set: training and test images, drawn here from the plan's seed, read from files elsewhere.

var tilesEntry = audit.Entry[kit.Data]{
	Name: "own/tiles",
	Doc:  "sixteen tiles of random colours: what is hidden cannot be guessed, and what is not tells the image",
	New:  func() kit.Data { return &Tiles{Train: 64, Test: 64} },
}

const (
	tile  = 4 // pixels
	tiles = 4 // in a row
)

// Tiles draws images of 16×16 pixels.
type Tiles struct {
	Train int `json:"train"` // images
	Test  int `json:"test"`
}

// Validate is called when a plan is read.
func (d *Tiles) Validate() error {
	if d.Train < 2 || d.Test < 2 {
		return fmt.Errorf("train %d and test %d: want at least 2 images of each", d.Train, d.Test)
	}
	return nil
}

// Take uses all images.
func (*Tiles) Take() (train, test int) { return 0, 0 }

// Open draws both parts. Equal seeds give equal images.
func (d *Tiles) Open(seed uint64) (train, test kit.Images, err error) {
	if train, err = draw(d.Train, audit.Seed(seed, "tiles", "train")); err != nil {
		return nil, nil, err
	}
	test, err = draw(d.Test, audit.Seed(seed, "tiles", "test"))
	return train, test, err
}

// draw makes n images, of the class of their first tile: dark or light.
func draw(n int, seed uint64) (kit.Images, error) {
	const size = tile * tiles
	r := rand.New(rand.NewPCG(seed, 0))
	grey, labels := make([]uint8, n*3*size*size), make([]int, n)
	for i := range n {
		var colours [3 * tiles * tiles]uint8
		for k := range colours {
			colours[k] = uint8(r.IntN(256))
		}
		labels[i] = int(colours[0]) / 128
		for p := range 3 * size * size {
			c, y, x := p/(size*size), p/size%size, p%size
			grey[i*3*size*size+p] = colours[(c*tiles+y/tile)*tiles+x/tile]
		}
	}
	return kit.Pictures("own/tiles", size, []string{"dark", "light"}, labels, grey)
}
