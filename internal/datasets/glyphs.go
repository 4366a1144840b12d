package datasets

import "math/rand/v2"

var glyphNames = []string{"l", "t", "h", "x", "arrow", "half-disc", "two-discs", "zigzag", "frame", "star"}

// Glyphs draws pictures of another family than [Shapes]: ten signs in strokes,
// anywhere and up to the whole picture large, on a plain slope from one colour to
// another. The features that judge models of Shapes are trained on them, so that
// no judged picture has trained its judge; only tests draw them.
//
// Sizes, seeds and streams work as in Shapes.
func Glyphs(n, size int, seed, stream uint64) (Set, error) {
	return style{"glyphs", glyphNames, glyph}.picturesOf(n, size, seed, stream)
}

func glyph(r *rand.Rand, class, _ int) paint {
	var fg, from, to [3]int
	for c := range 3 {
		fg[c], from[c], to[c] = between(r, 0, 255), between(r, 0, 255), between(r, 0, 255)
	}
	radius := between(r, 6*unitLength, 13*unitLength)
	const room = 5 * unitLength
	f := turned(r, middle+between(r, -room, room), middle+between(r, -room, room))
	if r.IntN(2) == 0 {
		f.cos, f.sin = -f.cos, -f.sin
	}
	slope := turned(r, middle, middle)
	const far = side * 3 / 4 // beyond every corner
	return func(x, y, _ int) [3]int {
		if u, v := f.local(x, y); max(abs(u), abs(v)) < radius && inGlyph(class, u, v, radius) {
			return fg
		}
		u, _ := slope.local(x, y)
		var rgb [3]int
		for c := range rgb {
			rgb[c] = (from[c]*(far-u) + to[c]*(far+u)) / (2 * far)
		}
		return rgb
	}
}

// inGlyph says whether (u, v), in a square of half width r, belongs to a sign.
func inGlyph(class, u, v, r int) bool {
	pen := r / 4
	switch glyphNames[class] {
	case "l":
		return u < -r+2*pen || v > r-2*pen
	case "t":
		return v < -r+2*pen || abs(u) < pen
	case "h":
		return abs(u) > r-2*pen || abs(v) < pen
	case "x":
		return abs(abs(u)-abs(v)) < pen*4/3
	case "arrow":
		return abs(v) < pen && u < 0 || abs(v) < r-u && u >= 0
	case "half-disc":
		return u*u+v*v < r*r && v < 0
	case "two-discs":
		w := abs(u) - r/2
		return w*w+v*v < r*r/5
	case "zigzag":
		return abs(v-abs(u-stripe(u+r/2, r)*r)*2+r/2) < pen*4/3
	case "frame":
		return max(abs(u), abs(v)) > r-2*pen
	case "star":
		return abs(u)*abs(v) < r*r/12
	}
	return false
}
