package attacks

import (
	"fmt"
	"slices"

	"github.com/lethe-audit/lethe/internal/tasks"
)

// transformation maps images [N, 3, S, S] in [−1, 1].
type transformation func(images []float32, n, size int) []float32

// plainForm is the image as it is, degraded as the audit does.
var plainForm = form{name: "plain", of: unchanged}

func unchanged(images []float32, _, _ int) []float32 { return images }

// viewFamilies are the families of forms by their names, each with the plain form at its head. The group of a square's eight
// symmetries, with and without inversion, under the six orders of the colours has 96 elements; the first three families
// are all of it.
var viewFamilies = []struct {
	name  string
	forms func(task tasks.Task, size int) []form
}{
	{"symmetries", func(tasks.Task, int) []form { return group(false, natural) }},
	{"negatives", func(tasks.Task, int) []form { return group(true, natural) }},
	{"colours", func(tasks.Task, int) []form {
		var out []form
		for _, order := range orders {
			out = append(out, slices.Concat(group(false, order), group(true, order))...)
		}
		return out
	}},
	{"tones", func(tasks.Task, int) []form { return tones() }},
	{"shifts", func(_ tasks.Task, size int) []form { return shifts(size) }},
	{"scales", func(tasks.Task, int) []form { return scales() }},
	{"degradations", degradations},
}

func viewNames() []string {
	var out []string
	for _, f := range viewFamilies {
		out = append(out, f.name)
	}
	return out
}

// viewOf is a family's forms for a task and images of a size.
func viewOf(name string, t tasks.Task, size int) []form {
	out := []form{plainForm}
	for _, f := range viewFamilies {
		if f.name == name {
			for _, one := range f.forms(t, size) {
				if one.name != plainForm.name {
					out = append(out, one)
				}
			}
		}
	}
	return out
}

// Orders of the colours.
var (
	natural = [3]int{0, 1, 2}
	orders  = [][3]int{natural, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}
)

// group are the eight symmetries of the square with colours in an order, inverted or not.
func group(inverted bool, order [3]int) []form {
	var out []form
	for k := range 8 {
		name := [...]string{"", "mirrored ", "upside down ", "turned ", "transposed ", "left ", "right ", "transverse "}[k]
		if inverted {
			name += "inverted "
		}
		if order != natural {
			name += fmt.Sprintf("colours%d%d%d ", order[0], order[1], order[2])
		}
		if name == "" {
			out = append(out, plainForm)
			continue
		}
		out = append(out, form{name: name[:len(name)-1], of: element(k&1 == 1, k&2 == 2, k&4 == 4, inverted, order)})
	}
	return out
}

// element is one element of the group: transposed first, then mirrored from left to right and upside down.
func element(mirrored, upside, transposed, inverted bool, order [3]int) transformation {
	return func(images []float32, n, size int) []float32 {
		out, area := make([]float32, len(images)), size*size
		for i := range n {
			for c := range 3 {
				plane, to := images[(i*3+order[c])*area:][:area], out[(i*3+c)*area:][:area]
				for y := range size {
					for x := range size {
						fy, fx := y, x
						if mirrored {
							fx = size - 1 - fx
						}
						if upside {
							fy = size - 1 - fy
						}
						if transposed {
							fy, fx = fx, fy
						}
						v := plane[fy*size+fx]
						if inverted {
							v = -v
						}
						to[y*size+x] = v
					}
				}
			}
		}
		return out
	}
}

// tones are brighter, darker, paler and starker images, and grey ones, plain and inverted.
func tones() []form {
	out := []form{{name: "grey", of: grey}, {name: "grey inverted", of: func(images []float32, n, size int) []float32 {
		return toned(-1, 0)(grey(images, n, size), n, size)
	}}}
	for _, k := range [][2]float32{{0.5, 0}, {0.75, 0}, {1.5, 0}, {0.75, 0.25}, {0.75, -0.25}, {0.5, 0.5}, {0.5, -0.5}, {-0.5, 0}} {
		out = append(out, form{name: fmt.Sprintf("%gx%+g", k[0], k[1]), of: toned(k[0], k[1])})
	}
	return out
}

// toned is gain·x + offset, within the range of pixels.
func toned(gain, offset float32) transformation {
	return func(images []float32, _, _ int) []float32 {
		out := make([]float32, len(images))
		for i, v := range images {
			out[i] = min(1, max(-1, gain*v+offset))
		}
		return out
	}
}

// grey gives every channel the mean of the three.
func grey(images []float32, n, size int) []float32 {
	out, area := make([]float32, len(images)), size*size
	for i := range n {
		px := images[i*3*area : (i+1)*3*area]
		for k := range area {
			g := (px[k] + px[area+k] + px[2*area+k]) / 3
			for c := range 3 {
				out[(i*3+c)*area+k] = g
			}
		}
	}
	return out
}
