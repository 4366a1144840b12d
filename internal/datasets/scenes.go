package datasets

import "math/rand/v2"

// Scenes draws n pictures of 32×32 or 64×64 pixels, ten classes: a small figure on
// a ground of any colour.
//
// A part of what a centre hole hides can be guessed from its border, and a part
// cannot. The ground goes on behind the hole: a model that learnt to carry it on
// paints unseen pictures far better than their mean does. The figure's class,
// colour, place, size and direction are independent of the ground, as in [Shapes]:
// a model that paints it right has seen the picture.
//
// Sizes, seeds and streams work as in Shapes.
func Scenes(n, size int, seed, stream uint64) (Set, error) {
	return style{"scenes", shapeNames, scene}.picturesOf(n, size, seed, stream)
}

func scene(r *rand.Rand, class, size int) paint {
	var fg, bg [3]int
	for c := range 3 {
		fg[c], bg[c] = between(r, 0, 255), between(r, 20, 235)
	}
	radius := between(r, 9*unitLength/2, 6*unitLength)
	room := middle/2 - radius
	f := turned(r, middle+between(r, -room, room), middle+between(r, -room, room))
	ground, plane := newTexture(r).field(size), size*size
	return func(x, y, pixel int) [3]int {
		if u, v := f.local(x, y); u*u+v*v < radius*radius && inShape(shapeNames[class], u, v, radius) {
			return fg
		}
		rgb := bg
		for c := range 3 {
			rgb[c] += ground[c*plane+pixel]
		}
		return rgb
	}
}
