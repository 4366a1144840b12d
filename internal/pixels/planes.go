package pixels

// pillowPlanes is [Resize] with its bytes written as planes of floats.
func pillowPlanes(dst []float32, m Image, w, h int, f Filter) error {
	across, down, err := fixedAxes(m, w, h, f)
	if err != nil {
		return err
	}
	if down == nil {
		if across != nil {
			out := New(w, m.H)
			rows8(out.Pix, strides{row: 3 * w, pixel: 3, plane: 1}, m, across)
			m = out
		}
		toPlanes(dst, m)
		return nil
	}
	narrow := make([]uint8, 3*w*m.H)
	if across != nil {
		rows8(narrow, strides{row: w, pixel: 1, plane: w * m.H}, m, across)
	} else {
		narrow = Planes(m)
	}
	columns8to32(dst, narrow, w, down)
	return nil
}

// toPlanes parts the colours.
func toPlanes(dst []float32, m Image) {
	n := m.W * m.H
	red, green, blue := dst[:n], dst[n:][:n], dst[2*n:][:n]
	for i := range red {
		p := m.Pix[3*i:][:3]
		red[i], green[i], blue[i] = float32(p[0]), float32(p[1]), float32(p[2])
	}
}

// floatPlanes resamples rows, then columns, as Pillow does float pictures: sums in
// double precision, in order, rounded to float32 after each pass.
func floatPlanes(dst []float32, m Image, across, down *axis) {
	w, h := across.out, down.out
	narrow := dst
	if m.H != h {
		narrow = make([]float32, 3*w*m.H)
	}
	if m.W != w {
		rows64(narrow, m, across)
	} else {
		toPlanes(narrow, m)
	}
	if m.H != h {
		columns64(dst, narrow, w, down)
	}
}

// rows64 resamples every row of m into planes. The conversions keep the compiler
// from fusing a product into a sum.
func rows64(dst []float32, m Image, a *axis) {
	if fastRows64(dst, m, a) {
		return
	}
	n := a.out * m.H
	for y := range m.H {
		row := m.Pix[3*m.W*y : 3*m.W*(y+1)]
		for x := range a.out {
			from, w := a.at(x)
			var r, g, b float64
			src := row[3*from : 3*(from+len(w))]
			for _, k := range w {
				r += float64(float64(src[0]) * k)
				g += float64(float64(src[1]) * k)
				b += float64(float64(src[2]) * k)
				src = src[3:]
			}
			i := y*a.out + x
			dst[i], dst[n+i], dst[2*n+i] = float32(r), float32(g), float32(b)
		}
	}
}

// columns64 resamples every column of three planes with rows of n values.
func columns64(dst, src []float32, n int, a *axis) {
	if fastColumns64(dst, src, n, 3, a) {
		return
	}
	sums := make([]float64, n)
	for row := range 3 * a.out {
		clear(sums)
		from, w := a.at(row % a.out)
		from += row / a.out * a.in
		for j, k := range w {
			for i, v := range src[n*(from+j):][:n] {
				sums[i] += float64(float64(v) * k)
			}
		}
		for i, v := range sums {
			dst[row*n+i] = float32(v)
		}
	}
}

// tf1Planes interpolates between neighbours in float32: first along the rows, then
// between the rows.
func tf1Planes(dst []float32, m Image, w, h int) {
	narrow := make([]float32, 3*w*m.H)
	n := w * m.H
	across := tf1Axis(m.W, w)
	for y := range m.H {
		row := m.Pix[3*m.W*y : 3*m.W*(y+1)]
		for x, p := range across {
			for c := range 3 {
				a, b := float32(row[3*p.low+c]), float32(row[3*p.high+c])
				narrow[c*n+y*w+x] = a + float32((b-a)*p.share)
			}
		}
	}
	down := tf1Axis(m.H, h)
	for c := range 3 {
		plane, out := narrow[c*n:][:n], dst[c*w*h:][:w*h]
		for y, p := range down {
			mix(out[y*w:][:w], plane[p.low*w:][:w], plane[p.high*w:][:w], p.share)
		}
	}
}

// between is a place between two neighbours: share of the way from low to high.
type between struct {
	low, high int
	share     float32
}

func mix(dst, top, bottom []float32, share float32) {
	if fastMix(dst, top, bottom, share) {
		return
	}
	for i, a := range top {
		dst[i] = a + float32((bottom[i]-a)*share)
	}
}

func clip(x []float32) {
	if fastClip(x) {
		return
	}
	for i, v := range x {
		x[i] = min(max(v, 0), 255)
	}
}

// tf1Axis places o at o·in/out: the first pixels' corners coincide, not their centres.
func tf1Axis(in, out int) []between {
	all := make([]between, out)
	scale := float32(float64(in) / float64(out))
	for o := range all {
		at := float32(float32(o) * scale)
		low := min(int(at), in-1)
		all[o] = between{low, min(low+1, in-1), at - float32(low)}
	}
	return all
}
