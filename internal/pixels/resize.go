package pixels

import "fmt"

// Resize resamples to w×h exactly as Pillow 9.4's Image.resize((w, h), filter):
// the kernel is stretched when shrinking (antialiasing), weights are normalised
// in double precision and rounded to 8.22 fixed point, and the result is rounded
// and clipped to 8 bits after the horizontal and again after the vertical pass.
// A side that keeps its length is not resampled. The bytes are the same on every
// processor.
func Resize(m Image, w, h int, f Filter) (Image, error) {
	across, down, err := fixedAxes(m, w, h, f)
	if err != nil {
		return Image{}, err
	}
	out := m
	if across != nil {
		out = New(w, m.H)
		rows8(out.Pix, strides{row: 3 * w, pixel: 3, plane: 1}, m, across)
	}
	if down != nil {
		src := out
		out = New(w, h)
		columns8(out.Pix, src.Pix, 3*w, down)
	}
	if across == nil && down == nil {
		out.Pix = append([]uint8(nil), m.Pix...)
	}
	return out, nil
}

// fixedAxes are the weights of both sides, nil for one that keeps its length.
func fixedAxes(m Image, w, h int, f Filter) (across, down *fixedAxis, err error) {
	if err := checkResize(m, w, h); err != nil {
		return nil, nil, err
	}
	side := func(in, out int) (*fixedAxis, error) {
		a, err := pillowAxis(in, out, f)
		if err != nil {
			return nil, fmt.Errorf("resize: %w", err)
		}
		if in == out {
			return nil, nil
		}
		x := a.fixed()
		return &x, nil
	}
	if across, err = side(m.W, w); err != nil {
		return nil, nil, err
	}
	if m.W == m.H && w == h {
		return across, across, nil
	}
	down, err = side(m.H, h)
	return across, down, err
}

func checkResize(m Image, w, h int) error {
	if err := m.check(); err != nil {
		return fmt.Errorf("resize: %w", err)
	}
	if w <= 0 || h <= 0 {
		return fmt.Errorf("resize to %d×%d pixels: both sides must be positive", w, h)
	}
	return nil
}

// strides are the distances between the rows, pixels and colours of a result.
type strides struct{ row, pixel, plane int }

func clip8(v int32) uint8 { return uint8(min(max(v>>fraction, 0), 255)) }

const half = int32(1) << (fraction - 1)

// rows8 resamples every row of m.
func rows8(dst []uint8, s strides, m Image, a *fixedAxis) {
	for y := fastRows8(dst, s, m, a); y < m.H; y++ {
		row := m.Pix[3*m.W*y : 3*m.W*(y+1)]
		for x := range a.out {
			from, w := a.at(x)
			r, g, b := half, half, half
			src := row[3*from : 3*(from+len(w))]
			for _, k := range w {
				r += int32(src[0]) * k
				g += int32(src[1]) * k
				b += int32(src[2]) * k
				src = src[3:]
			}
			p := dst[y*s.row+x*s.pixel:]
			p[0], p[s.plane], p[2*s.plane] = clip8(r), clip8(g), clip8(b)
		}
	}
}

// columns8 resamples every column of rows of n bytes.
func columns8(dst, src []uint8, n int, a *fixedAxis) {
	if fastColumns8(dst, nil, src, n, 1, a) {
		return
	}
	sums := make([]int32, n)
	for y := range a.out {
		weigh8(sums, src, a, y)
		row := dst[y*n:][:n]
		for i, v := range sums {
			row[i] = clip8(v)
		}
	}
}

// columns8to32 is columns8 on three planes, with a result of floats.
func columns8to32(dst []float32, src []uint8, n int, a *fixedAxis) {
	if fastColumns8(nil, dst, src, n, 3, a) {
		return
	}
	sums := make([]int32, n)
	for c := range 3 {
		for y := range a.out {
			weigh8(sums, src[c*a.in*n:], a, y)
			row := dst[(c*a.out+y)*n:][:n]
			for i, v := range sums {
				row[i] = float32(clip8(v))
			}
		}
	}
}

// weigh8 sums the rows that make row y.
func weigh8(sums []int32, src []uint8, a *fixedAxis, y int) {
	for i := range sums {
		sums[i] = half
	}
	from, w := a.at(y)
	for j, k := range w {
		for i, v := range src[len(sums)*(from+j):][:len(sums)] {
			sums[i] += int32(v) * k
		}
	}
}
