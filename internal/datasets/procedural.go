package datasets

import (
	"fmt"
	"math/rand/v2"
)

// Streams of a procedural set: pictures of different streams differ, so one seed
// gives a training and a test set.
const (
	TrainStream uint64 = iota
	TestStream
)

// Lengths are in 1/256 of the grid a picture of 32×32 pixels has, whatever the
// picture's size. All arithmetic is on whole numbers, so every 64-bit machine
// draws the same bytes.
const (
	unitLength = 256
	side       = 32 * unitLength
	middle     = side / 2
)

// style is a family of procedural pictures.
type style struct {
	name    string
	classes []string
	scene   func(r *rand.Rand, class, size int) paint
}

// paint is one picture: the colour of a pixel (row·size + column), whose middle
// is at (x, y), in grey levels.
type paint func(x, y, pixel int) [3]int

// picturesOf makes n pictures of size×size pixels.
func (st style) picturesOf(n, size int, seed, stream uint64) (Set, error) {
	if n < 1 {
		return nil, fmt.Errorf("%s: %d pictures asked for, at least 1 is needed", st.name, n)
	}
	if size != 32 && size != 64 {
		return nil, fmt.Errorf("%s: size %d; choose 32 or 64", st.name, size)
	}
	m := &memory{
		name: st.name, c: 3, h: size, w: size, classes: st.classes,
		pix: make([]uint8, 3*size*size*n), labels: make([]uint8, n),
	}
	pitch := side / size
	plane := size * size
	for i := range n {
		r := source(seed, stream, uint64(i))
		m.labels[i] = uint8(r.IntN(len(st.classes)))
		colour := st.scene(r, int(m.labels[i]), size)
		dst := m.at(i)
		for y := range size {
			for x := range size {
				pixel := y*size + x
				for c, v := range colour(x*pitch+pitch/2, y*pitch+pitch/2, pixel) {
					dst[c*plane+pixel] = uint8(min(max(v, 0), 255))
				}
			}
		}
	}
	return m, nil
}

// frame is a place with its own axes: the figures are drawn in it.
type frame struct{ x, y, cos, sin int }

const one = 1 << 14 // the unit of cos and sin

// turned is a frame at (x, y), turned by an angle that is nearly uniform: the
// rational parametrisation of the circle, t = tan(angle/2), with t spread by a
// cubic so that no angle is much likelier than another.
func turned(r *rand.Rand, x, y int) frame {
	u := between(r, -one, one) // angle/90°
	t := u * (804*one*one/1024 + 220*(u*u)/1024) / (one * one)
	d := one*one + t*t
	return frame{x, y, one * (one*one - t*t) / d, one * 2 * t * one / d}
}

// local gives a place in the frame's axes.
func (f frame) local(x, y int) (u, v int) {
	x, y = x-f.x, y-f.y
	return (x*f.cos + y*f.sin) / one, (y*f.cos - x*f.sin) / one
}

func abs(v int) int { return max(v, -v) }

// stripe is the number of the stripe of the given width that v lies in.
func stripe(v, width int) int {
	if v < 0 {
		return -1 - (-1-v)/width
	}
	return v / width
}
