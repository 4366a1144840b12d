package pixels

import (
	"fmt"
	"math"
)

// fraction is the number of fractional bits of a weight: Pillow's 8.22 format
// leaves room for the sign and the overshoot of negative lobes in 32 bits.
const fraction = 32 - 8 - 2

// taps are the weights of one output position: source positions from..from+len(w).
type taps struct {
	from int
	w    []int32
}

// Resize resamples to w×h exactly as Pillow 9.4's Image.resize((w, h), filter):
// the kernel is stretched when shrinking (antialiasing), weights are normalised
// in double precision and rounded to 8.22 fixed point, and the result is rounded
// and clipped to 8 bits after the horizontal and again after the vertical pass.
// A side that keeps its length is not resampled.
func Resize(m Image, w, h int, f Filter) (Image, error) {
	if err := m.check(); err != nil {
		return Image{}, fmt.Errorf("resize: %w", err)
	}
	if w <= 0 || h <= 0 {
		return Image{}, fmt.Errorf("resize to %d×%d pixels: both sides must be positive", w, h)
	}
	weight, support, err := f.kernel()
	if err != nil {
		return Image{}, fmt.Errorf("resize: %w", err)
	}
	out := m
	if w != m.W {
		out = acrossRows(out, weights(m.W, w, weight, support))
	}
	if h != m.H {
		out = acrossColumns(out, weights(m.H, h, weight, support))
	}
	if w == m.W && h == m.H {
		out.Pix = append([]uint8(nil), m.Pix...)
	}
	return out, nil
}

// weights computes the taps that turn in positions into out positions.
func weights(in, out int, weight func(float64) float64, support float64) []taps {
	scale := float64(in) / float64(out)
	stretch := max(scale, 1)
	reach := support * stretch
	inverse := 1 / stretch
	all := make([]taps, out)
	exact := make([]float64, 0, 2*int(math.Ceil(reach))+1)
	for o := range all {
		center := (float64(o) + 0.5) * scale
		from := max(int(center-reach+0.5), 0)
		to := min(int(center+reach+0.5), in)
		exact = exact[:0]
		sum := 0.0
		for i := from; i < to; i++ {
			v := weight((float64(i) - center + 0.5) * inverse)
			exact = append(exact, v)
			sum += v
		}
		fixed := make([]int32, len(exact))
		for i, v := range exact {
			if sum != 0 {
				v /= sum
			}
			fixed[i] = int32(math.Copysign(0.5, v) + float64(v*(1<<fraction)))
		}
		all[o] = taps{from, fixed}
	}
	return all
}

func clip8(v int32) uint8 { return uint8(min(max(v>>fraction, 0), 255)) }

const half = int32(1) << (fraction - 1)

func acrossRows(m Image, all []taps) Image {
	out := New(len(all), m.H)
	for y := range m.H {
		row := m.Pix[3*m.W*y : 3*m.W*(y+1)]
		dst := out.Pix[3*out.W*y : 3*out.W*(y+1)]
		for x, t := range all {
			r, g, b := half, half, half
			src := row[3*t.from : 3*(t.from+len(t.w))]
			for _, k := range t.w {
				r += int32(src[0]) * k
				g += int32(src[1]) * k
				b += int32(src[2]) * k
				src = src[3:]
			}
			dst[3*x], dst[3*x+1], dst[3*x+2] = clip8(r), clip8(g), clip8(b)
		}
	}
	return out
}

func acrossColumns(m Image, all []taps) Image {
	out := New(m.W, len(all))
	sums := make([]int32, 3*m.W)
	for y, t := range all {
		for i := range sums {
			sums[i] = half
		}
		for j, k := range t.w {
			for i, v := range m.Pix[3*m.W*(t.from+j):][:len(sums)] {
				sums[i] += int32(v) * k
			}
		}
		dst := out.Pix[3*m.W*y:][:len(sums)]
		for i, v := range sums {
			dst[i] = clip8(v)
		}
	}
	return out
}
