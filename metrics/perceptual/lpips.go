// Package perceptual measures pairs of images by what a network sees in them: LPIPS from a network's activations, and a
// meter that has the network itself. It links libtorch; the pixel metrics are in the package metrics.
package perceptual

import (
	"errors"
	"fmt"
	"math"

	"github.com/lethe-audit/lethe/internal/features"
)

// lpipsEpsilon keeps a pixel without activation from a division by zero (lpips/__init__.py, normalize_tensor).
const lpipsEpsilon = 1e-10

// LPIPS is the learned perceptual distance of two images of one size (Zhang et al. 2018, equation 1; version 0.1 of
// richzhang/PerceptualSimilarity, lpips/lpips.py), given what each layer of a network makes of them:
//
//	d = Σ_l 1/(H_l·W_l) Σ_hw Σ_c w_lc (a_lchw/‖a_lhw‖ − b_lchw/‖b_lhw‖)²
//
// with w the layer's linear weights, one a channel. It has no unit; lower is better, 0 means equal activations. The
// layers' terms are returned beside it. Layers that do not fit each other or the weights, and values or weights that
// are not finite or weights below 0, are errors.
func LPIPS(a, b []features.Activation, lin [][]float64) (float64, []float64, error) {
	if len(a) == 0 || len(a) != len(b) || len(a) != len(lin) {
		return 0, nil, fmt.Errorf("lpips of %d and %d layers with weights for %d: they must be as many", len(a), len(b), len(lin))
	}
	total, layers := 0.0, make([]float64, len(a))
	for l := range a {
		d, err := lpipsLayer(a[l], b[l], lin[l])
		if err != nil {
			return 0, nil, fmt.Errorf("lpips, layer %d: %w", l, err)
		}
		layers[l] = d
		total += d
	}
	return total, layers, nil
}

// lpipsLayer is one layer's term.
func lpipsLayer(a, b features.Activation, w []float64) (float64, error) {
	px := a.H * a.W
	if a.C != b.C || a.H != b.H || a.W != b.W || px < 1 || len(a.Values) != a.C*px || len(b.Values) != a.C*px {
		return 0, fmt.Errorf("activations [%d, %d, %d] and [%d, %d, %d] of %d and %d values do not fit each other",
			a.C, a.H, a.W, b.C, b.H, b.W, len(a.Values), len(b.Values))
	}
	if len(w) != a.C {
		return 0, fmt.Errorf("%d weights for %d channels", len(w), a.C)
	}
	for _, v := range w {
		if !finite(v) || v < 0 {
			return 0, fmt.Errorf("weight %v: LPIPS's linear weights are finite and not below 0", v)
		}
	}
	na, nb := norms(a, px), norms(b, px)
	sum := make([]float64, px)
	for c, weight := range w {
		x, y := a.Values[c*px:(c+1)*px], b.Values[c*px:(c+1)*px]
		for p := range sum {
			d := float64(x[p])/na[p] - float64(y[p])/nb[p]
			sum[p] += weight * d * d
		}
	}
	mean := 0.0
	for _, v := range sum {
		mean += v
	}
	mean /= float64(px)
	if !finite(mean) {
		return 0, errors.New("an activation is not finite, or too large to square")
	}
	return mean, nil
}

// norms are the lengths of every pixel's activations, plus epsilon.
func norms(a features.Activation, px int) []float64 {
	out := make([]float64, px)
	for c := range a.C {
		for p, v := range a.Values[c*px : (c+1)*px] {
			out[p] += float64(v) * float64(v)
		}
	}
	for p, v := range out {
		out[p] = math.Sqrt(v) + lpipsEpsilon
	}
	return out
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
