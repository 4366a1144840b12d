package datasets

import "math/rand/v2"

// texture is a smooth random field per channel: knots of independent bell-shaped
// numbers on a lattice, interpolated by Keys' cubic (a = −3/4).
type texture struct{ knot [3][knots][knots]int }

const (
	knots   = 6
	swell   = 31 // grey levels of a knot's standard deviation: 0.12 of the range
	spacing = (side + knots - 1) / knots
	precise = 1 << 10
)

func newTexture(r *rand.Rand) *texture {
	t := new(texture)
	for c := range t.knot {
		for y := range knots {
			for x := range knots {
				t.knot[c][y][x] = bell(r) * swell
			}
		}
	}
	return t
}

// field is the texture at the pixels of a size×size picture, plane by plane, in
// grey levels; beyond the outermost knots it goes on with theirs.
func (t *texture) field(size int) []int {
	pitch := side / size
	first, weight := make([]int, size), make([][4]int, size)
	for p := range size {
		first[p], weight[p] = cubicWeights(p*pitch + pitch/2)
	}
	out := make([]int, 0, 3*size*size)
	for c := range t.knot {
		for y := range size {
			var line [knots]int
			for x := range line {
				for j, w := range weight[y] {
					line[x] += w * t.knot[c][inside(first[y]+j)][x]
				}
				line[x] /= precise
			}
			for x := range size {
				sum := 0
				for i, w := range weight[x] {
					sum += w * line[inside(first[x]+i)]
				}
				out = append(out, sum/(precise*1024))
			}
		}
	}
	return out
}

func inside(knot int) int { return min(max(knot, 0), knots-1) }

// cubicWeights are the weights of the four knots around p, the first being
// number k; knots lie in the middle of their cells.
func cubicWeights(p int) (k int, w [4]int) {
	p -= spacing / 2
	k = stripe(p, spacing)
	t := (p - k*spacing) * precise / spacing
	for i := range w {
		w[i] = keys(abs((i-1)*precise - t))
	}
	return k - 1, w
}

// keys is Keys' cubic with a = −3/4, in units of 1/precise.
func keys(d int) int {
	const p = precise
	if d <= p {
		return ((5*d-9*p)*d/p*d/p + 4*p) / 4
	}
	return -3 * (((d-5*p)*d/p+8*p)*d/p - 4*p) / 4
}
