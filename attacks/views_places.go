package attacks

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/internal/tasks"
)

// shifts are images moved around their edges: by one, two and four of 32 pixels along each axis, by four and eight
// aslant.
func shifts(size int) []form {
	var out []form
	add := func(dy, dx int) {
		out = append(out, form{name: fmt.Sprintf("shift%+d%+d", dy, dx), of: shifted(dy, dx)})
	}
	unit := max(1, size/32)
	for _, d := range []int{unit, 2 * unit, 4 * unit} {
		add(0, d)
		add(0, -d)
		add(d, 0)
		add(-d, 0)
	}
	for _, d := range []int{4 * unit, 8 * unit} {
		add(d, d)
		add(d, -d)
		add(-d, d)
		add(-d, -d)
	}
	return out
}

// shifted takes every pixel from dy above it and dx to its left, around the edges.
func shifted(dy, dx int) transformation {
	return func(images []float32, n, size int) []float32 {
		out := make([]float32, len(images))
		for c := range 3 * n {
			roll(out[c*size*size:][:size*size], images[c*size*size:][:size*size], size, dy, dx)
		}
		return out
	}
}

func roll(dst, src []float32, size, dy, dx int) {
	for y := range size {
		for x := range size {
			dst[y*size+x] = src[(y-dy+2*size)%size*size+(x-dx+2*size)%size]
		}
	}
}

// scales are crops, of the middle and of the corners, enlarged to the whole, and the whole made smaller on grey.
func scales() []form {
	var out []form
	for _, k := range []struct{ share, y, x float64 }{
		{0.875, 0.5, 0.5}, {0.75, 0.5, 0.5}, {0.5, 0.5, 0.5},
		{0.75, 0, 0}, {0.75, 0, 1}, {0.75, 1, 0}, {0.75, 1, 1},
		{1.25, 0.5, 0.5}, {1.5, 0.5, 0.5},
	} {
		out = append(out, form{name: fmt.Sprintf("crop%g@%g,%g", k.share, k.y, k.x), of: cropped(k.share, k.y, k.x)})
	}
	return out
}

// cropped shows a square of a share of the side as the whole, bilinearly; y and x say where it lies, 0 at the upper left
// and 1 at the lower right. A share above 1 shows the image smaller, on grey.
func cropped(share, y, x float64) transformation {
	return func(images []float32, n, size int) []float32 {
		out := make([]float32, len(images))
		at := func(k int, start float64) float64 {
			return (float64(k)+0.5)*share - 0.5 + start*(1-share)*float64(size)
		}
		for c := range 3 * n {
			plane := images[c*size*size:][:size*size]
			for ty := range size {
				for tx := range size {
					out[c*size*size+ty*size+tx] = bilinear(plane, size, at(ty, y), at(tx, x))
				}
			}
		}
		return out
	}
}

// bilinear is a plane's value between pixels; beyond half a pixel outside it is 0, grey.
func bilinear(plane []float32, size int, y, x float64) float32 {
	last := float64(size) - 0.5
	if y < -0.5 || x < -0.5 || y > last || x > last {
		return 0
	}
	y0, x0 := math.Floor(y), math.Floor(x)
	var sum float64
	for _, c := range [4][2]float64{{y0, x0}, {y0, x0 + 1}, {y0 + 1, x0}, {y0 + 1, x0 + 1}} {
		w := (1 - math.Abs(y-c[0])) * (1 - math.Abs(x-c[1]))
		py := min(size-1, max(0, int(c[0])))
		px := min(size-1, max(0, int(c[1])))
		sum += w * float64(plane[py*size+px])
	}
	return float32(sum)
}

// degradations are other ways to hide or spoil an image, of those that a model of the task can be shown: with a channel
// that tells what is hidden, other holes and masks, and the task's own region elsewhere; without, other tasks that show
// the whole.
func degradations(own tasks.Task, size int) []form {
	var out []form
	add := func(name string, t tasks.Task) {
		if t.Check(size) == nil {
			out = append(out, form{name: name, of: unchanged, task: t})
		}
	}
	if !own.Masked() {
		for _, f := range []int{2, 4, 8} {
			add(fmt.Sprintf("averaged%d", f), &tasks.SuperResolution{Factor: f})
		}
		for _, s := range []float64{0.1, 0.2, 0.5} {
			add(fmt.Sprintf("noisy%g", s), &tasks.Denoise{Sigma: s})
		}
		add("colourless", &tasks.Colorize{})
		return out
	}
	for _, h := range []float64{0.25, 0.375, 0.5, 0.625, 0.75} {
		add(fmt.Sprintf("hole%g", h), &tasks.Inpaint{Hole: h})
	}
	for _, h := range []float64{0.5, 0.75} {
		add(fmt.Sprintf("outside%g", h), &tasks.Outpaint{Keep: h})
	}
	for k := range 3 {
		add(fmt.Sprintf("mask%d", k), &tasks.RandomMask{Patch: max(1, size/8), Ratio: 0.5})
	}
	for _, d := range [][2]int{{1, 0}, {-1, 0}, {0, 1}, {0, -1}, {1, 1}, {1, -1}, {-1, 1}, {-1, -1}} {
		add(fmt.Sprintf("moved%+d%+d", d[0], d[1]), &movedHole{side: 0.5, dy: d[0] * size / 4, dx: d[1] * size / 4})
	}
	return out
}

// movedHole hides a square beside the middle.
type movedHole struct {
	side   float64
	dy, dx int
}

// Masked is true.
func (*movedHole) Masked() bool { return true }

// Check accepts every size.
func (*movedHole) Check(int) error { return nil }

// Degrade hides a centred square's place, moved.
func (m *movedHole) Degrade(pixels, region, img []float32, s int, rng *rand.Rand) {
	centred := make([]float32, len(region))
	(&tasks.Inpaint{Hole: m.side}).Degrade(pixels, centred, img, s, rng)
	roll(region, centred, s, m.dy, m.dx)
	for k := range pixels {
		pixels[k] = img[k] * (1 - region[k%(s*s)])
	}
}
