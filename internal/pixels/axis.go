package pixels

import (
	"fmt"
	"math"
)

// fraction is the number of fractional bits of a weight: Pillow's 8.22 format
// leaves room for the sign and the overshoot of negative lobes in 32 bits.
const fraction = 32 - 8 - 2

// axis says how the positions along one side become others: position o of the
// result is the sum of count[o] positions of the source from from[o] on, weighted
// by weight[o·taps], weight[o·taps+1], …
type axis struct {
	in, out, taps int
	from, count   []int32
	weight        []float64
}

func newAxis(in, out, taps int) axis {
	return axis{in, out, taps, make([]int32, out), make([]int32, out), make([]float64, out*taps)}
}

// at is one result position's first source position and its weights.
func (a *axis) at(o int) (from int, w []float64) {
	return int(a.from[o]), a.weight[o*a.taps : o*a.taps+int(a.count[o])]
}

// pillowAxis has Pillow's weights in double precision: the kernel at the pixels'
// centres, stretched when shrinking, cut at the picture's edge and normalised
// (precompute_coeffs in Pillow's Resample.c).
func pillowAxis(in, out int, f Filter) (axis, error) {
	weight, support, err := f.kernel()
	if err != nil {
		return axis{}, err
	}
	if in > math.MaxInt32 || out > math.MaxInt32 {
		return axis{}, fmt.Errorf("a side of %d or %d pixels is too long", in, out)
	}
	scale := float64(in) / float64(out)
	stretch := max(scale, 1)
	reach := support * stretch
	inverse := 1 / stretch
	a := newAxis(in, out, min(in, 2*int(math.Ceil(reach))+1))
	for o := range out {
		center := (float64(o) + 0.5) * scale
		from := max(int(center-reach+0.5), 0)
		to := min(int(center+reach+0.5), in)
		a.from[o], a.count[o] = int32(from), int32(to-from)
		w := a.weight[o*a.taps:][:to-from]
		sum := 0.0
		for i := range w {
			w[i] = weight((float64(from+i) - center + 0.5) * inverse)
			sum += w[i]
		}
		for i := range w {
			if sum != 0 {
				w[i] /= sum
			}
		}
	}
	return a, nil
}

// fixedAxis is an axis in fixed point. pairs holds, for every two neighbouring
// weights, their upper parts and their lower 12 bits, as 16 bits each: what a
// processor multiplies and adds two at a time.
type fixedAxis struct {
	in, out, taps int
	from, count   []int32
	weight        []int32
	pairs         []int32
}

const lowBits = 12

// fixed rounds the weights to 8.22 fixed point, halves away from zero. The taps
// become a multiple of four, the new ones of weight zero; where the source is long
// enough none of them lies beyond its end.
func (a *axis) fixed() fixedAxis {
	f := fixedAxis{in: a.in, out: a.out, taps: (a.taps + 3) / 4 * 4}
	f.from, f.count = make([]int32, a.out), make([]int32, a.out)
	f.weight = make([]int32, a.out*f.taps)
	f.pairs = make([]int32, a.out*f.taps)
	for o := range a.out {
		from, exact := a.at(o)
		first := max(0, min(from, a.in-f.taps))
		f.from[o], f.count[o] = int32(first), int32(from-first+len(exact))
		w := f.weight[o*f.taps:][:f.taps]
		for i, v := range exact {
			w[from-first+i] = int32(math.Copysign(0.5, v) + float64(v*(1<<fraction)))
		}
		p := f.pairs[o*f.taps:][:f.taps]
		for i := 0; i < f.taps; i += 2 {
			const low = 1<<lowBits - 1
			p[i] = w[i+1]>>lowBits<<16 | w[i]>>lowBits&0xffff
			p[i+1] = (w[i+1]&low)<<16 | w[i]&low
		}
	}
	return f
}

// at is one result position's first source position and its weights.
func (f *fixedAxis) at(o int) (from int, w []int32) {
	return int(f.from[o]), f.weight[o*f.taps : o*f.taps+int(f.count[o])]
}
