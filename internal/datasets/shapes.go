package datasets

import "math/rand/v2"

var shapeNames = []string{"disc", "square", "triangle", "ring", "cross", "stripes", "checkers", "diamond", "dots", "bar"}

// Shapes draws n pictures of 32×32 or 64×64 pixels, ten classes: one figure on a
// coloured ground.
//
// They are made so that memorising shows. The ground carries a smooth random
// texture, the picture's address, which the visible border of a centre hole
// shows. The figure lies wholly within the middle half, and its class, colour,
// place, size and direction are independent of the ground: a model that paints
// it right has seen the picture.
//
// Picture i depends on (seed, stream, i) alone and is the same to the bit on
// every 64-bit machine; it looks alike at both sizes.
func Shapes(n, size int, seed, stream uint64) (Set, error) {
	return style{"shapes", shapeNames, shape}.picturesOf(n, size, seed, stream)
}

func shape(r *rand.Rand, class, size int) paint { return figure(r, shapeNames[class], size) }

func figure(r *rand.Rand, name string, size int) paint {
	var fg, bg [3]int
	for c := range 3 {
		fg[c], bg[c] = between(r, 51, 255), between(r, 0, 153)
	}
	// The larger the figure, the less room it has in the middle half.
	radius := between(r, 6*unitLength, 8*unitLength)
	room := middle/2 - radius
	f := turned(r, middle+between(r, -room, room), middle+between(r, -room, room))
	ground, plane := newTexture(r).field(size), size*size
	return func(x, y, pixel int) [3]int {
		if u, v := f.local(x, y); u*u+v*v < radius*radius && inShape(name, u, v, radius) {
			return fg
		}
		rgb := bg
		for c := range 3 {
			rgb[c] += ground[c*plane+pixel]
		}
		return rgb
	}
}

// inShape says whether (u, v), at less than r from the middle, belongs to the
// figure.
func inShape(name string, u, v, r int) bool {
	switch name {
	case "disc":
		return true
	case "square":
		return max(abs(u), abs(v)) < r*7/10
	case "triangle":
		return v > -r/2 && abs(u)*26 < (r-v)*15
	case "ring":
		return u*u+v*v > r*r*3/8
	case "cross":
		return min(abs(u), abs(v)) < r*3/10
	case "stripes":
		return stripe(u, 5*unitLength/2)&1 == 0
	case "checkers":
		return (stripe(u, 3*unitLength)+stripe(v, 3*unitLength))&1 == 0
	case "diamond":
		return abs(u)*10+abs(v)*17 < r*10
	case "dots":
		const pitch = 4 * unitLength
		x, y := u-stripe(u, pitch)*pitch, v-stripe(v, pitch)*pitch
		return max(x, y) < pitch*5/8
	case "bar":
		return abs(v) < r*3/10
	}
	return false
}
