package pixels

import (
	"fmt"
	"math"
)

var unit = func() (t [256]float32) {
	for v := range t {
		t[v] = ToUnit(uint8(v))
	}
	return t
}()

// ToUnit maps an 8-bit value to [−1, 1]: v/127.5 − 1.
func ToUnit(v uint8) float32 { return float32(float64(v)/127.5 - 1) }

// FromUnit is ToUnit's inverse: round((x+1)·127.5), clipped to 0…255, halves away
// from zero. Not-a-number becomes 0. It restores every v from ToUnit(v).
func FromUnit(x float32) uint8 {
	v := math.Round((float64(x) + 1) * 127.5)
	if !(v > 0) {
		return 0
	}
	return uint8(min(v, 255))
}

// ToFloat writes m to dst as three planes (red, green, blue) of H×W values in
// [−1, 1]; see [ToUnit]. dst must hold exactly 3·H·W values.
// For tests: the reference that faster ways to floats are held to.
func ToFloat(dst []float32, m Image) error {
	if err := m.check(); err != nil {
		return fmt.Errorf("to float: %w", err)
	}
	n := m.W * m.H
	if len(dst) != 3*n {
		return fmt.Errorf("to float: %d values given for 3×%d×%d", len(dst), m.H, m.W)
	}
	for i := range n {
		dst[i] = unit[m.Pix[3*i]]
		dst[n+i] = unit[m.Pix[3*i+1]]
		dst[2*n+i] = unit[m.Pix[3*i+2]]
	}
	return nil
}

// FromFloat is ToFloat's inverse for planes of h×w values; see [FromUnit]. A
// single plane becomes a grey picture.
func FromFloat(src []float32, w, h int) (Image, error) {
	n := w * h
	if w <= 0 || h <= 0 || (len(src) != n && len(src) != 3*n) {
		return Image{}, fmt.Errorf("from float: %d values do not make one or three planes of %d×%d", len(src), h, w)
	}
	m := New(w, h)
	stride := n
	if len(src) == n {
		stride = 0
	}
	for i := range n {
		for c := range 3 {
			m.Pix[3*i+c] = FromUnit(src[c*stride+i])
		}
	}
	return m, nil
}

// Planes returns m's bytes as three planes (red, green, blue) of H×W.
func Planes(m Image) []uint8 {
	n := m.W * m.H
	out := make([]uint8, 3*n)
	for i := range n {
		out[i], out[n+i], out[2*n+i] = m.Pix[3*i], m.Pix[3*i+1], m.Pix[3*i+2]
	}
	return out
}

// Divide divides every value by the same number, as x/255 for planes in [0, 1]:
// the correctly rounded quotient, not a product with a reciprocal.
// For tests and timings.
func Divide(x []float32, by float32) {
	if fastDivide(x, by) {
		return
	}
	for i := range x {
		x[i] /= by
	}
}
