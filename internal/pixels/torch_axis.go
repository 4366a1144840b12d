package pixels

import "math"

// The weights of torch 1.13's interpolate with align_corners=False on the CPU, for
// single-precision pictures: the step between result positions is rounded to
// single precision, which at the far end of a long side moves a weight by 1e−5.
// The conversions keep the compiler from fusing a product into a sum.

// torchScale is the step between result positions, in source positions.
func torchScale(in, out int) float32 { return float32(in) / float32(out) }

// torchPlace is the source position under the middle of result position o: the
// position before it, and the share of the way to the next. Only the share is
// rounded to single precision, as torch's results show.
func torchPlace(scale float32, o int) (before int, share float32) {
	at := float64(float64(scale)*(float64(o)+0.5)) - 0.5
	low := math.Floor(at)
	return int(low), float32(at - low)
}

// torchBilinear mixes the two neighbours of each place (UpSampleKernel.cpp, HelperInterpLinear).
func torchBilinear(in, out int) axis {
	a := newAxis(in, out, min(in, 2))
	scale := torchScale(in, out)
	for o := range out {
		low, share := torchPlace(scale, o)
		a.set(o, low, []float64{float64(1 - share), float64(share)})
	}
	return a
}

// torchBicubic takes four neighbours with Keys' cubic, a = −3/4, and repeats the
// picture's edge (UpSampleKernel.cpp, HelperInterpCubic).
func torchBicubic(in, out int) axis {
	a := newAxis(in, out, min(in, 4))
	scale := torchScale(in, out)
	for o := range out {
		low, t := torchPlace(scale, o)
		a.set(o, low-1, []float64{keysFar(1 + t), keysNear(t), keysNear(1 - t), keysFar(2 - t)})
	}
	return a
}

// keysNear and keysFar are Keys' cubic with a = −3/4 within one and two pixels. Products are fused into sums as in
// torch's build: the cubic's terms cancel, so that roundings show. A product of two single-precision numbers is
// exact in double precision.
func keysNear(x float32) float64 {
	const a = -0.75
	return float64(fused(float32(fused(a+2, x, -(a+3))*x), x, 1))
}

func keysFar(x float32) float64 {
	const a = -0.75
	return float64(fused(fused(fused(a, x, -5*a), x, 8*a), x, -4*a))
}

func fused(x, y, z float32) float32 { return float32(float64(x)*float64(y) + float64(z)) }

// set gives result position o the weights of the source positions from on; what
// lies beyond an edge goes to the edge.
func (a *axis) set(o, from int, w []float64) {
	first := min(max(from, 0), a.in-1)
	a.from[o], a.count[o] = int32(first), int32(min(from+len(w)-1, a.in-1)-first+1)
	if a.count[o] < 1 {
		a.count[o] = 1
	}
	for i, v := range w {
		at := min(max(from+i, 0), a.in-1)
		a.weight[o*a.taps+at-first] += v
	}
}

// torchAntialiased stretches the kernel when shrinking, as Pillow does
// (UpSampleKernel.cpp, _compute_indices_weights_aa).
func torchAntialiased(in, out int, support float32, kernel func(float32) float32) axis {
	scale := torchScale(in, out)
	reach, inverse := support, float32(1)
	if scale >= 1 {
		reach, inverse = float32(support*scale), 1/scale
	}
	a := newAxis(in, out, min(in, 2*int(math.Ceil(float64(reach)))+1))
	for o := range out {
		center := float32(scale * (float32(o) + 0.5))
		from := max(int(center-reach+0.5), 0)
		to := min(int(center+reach+0.5), in)
		w := make([]float32, to-from)
		sum := float32(0)
		for i := range w {
			w[i] = kernel(float32((float32(from+i) - center + 0.5) * inverse))
			sum += w[i]
		}
		a.from[o], a.count[o] = int32(from), int32(len(w))
		for i, v := range w {
			if sum != 0 {
				v /= sum
			}
			a.weight[o*a.taps+i] = float64(v)
		}
	}
	return a
}

func triangle32(x float32) float32 { return max(0, 1-max(x, -x)) }

// keys32 is Keys' cubic convolution kernel with a = −1/2 in single precision.
func keys32(x float32) float32 {
	const a = -0.5
	x = max(x, -x)
	switch {
	case x < 1:
		return float32(float32((float32((a+2)*x)-(a+3))*x)*x) + 1
	case x < 2:
		return float32(float32(float32(float32(float32(x-5)*x)+8)*x)-4) * a
	}
	return 0
}
