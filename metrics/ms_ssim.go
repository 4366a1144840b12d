package metrics

import (
	"fmt"
	"math"
)

// msWeights are the exponents of the five scales, finest first (Wang, Simoncelli, Bovik 2003, section 3.2).
var msWeights = [5]float64{0.0448, 0.2856, 0.3001, 0.2363, 0.1333}

// MSSSIMVariant is the variant of MSSSIM, for identities: torchmetrics' borders, relu, and five scales.
const MSSSIMVariant = "torchmetrics-relu"

// MSSSIM is the multi-scale structural similarity of two planar images (Wang, Simoncelli, Bovik 2003, eq. 7),
//
//	l₅^w₅ · Π cᵢsᵢ^wᵢ,  w = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333),
//
// each scale the one before averaged over 2×2 pixels (an odd last row or column is left out). It is torchmetrics'
// multiscale_structural_similarity_index_measure: at every scale the mean over pixels and channels, with a border
// mirrored about the edge pixel (of the full map at the coarsest scale, without its outer 5 pixels at the others), and
// negative means taken as 0 (normalize="relu"). It lies in [0, 1]; higher is better; equal images give 1.
//
// An image's smaller side must exceed 160 pixels, so that the 11×11 window fits the coarsest scale (torchmetrics asks
// for the same). There is no variant for a hole: at the coarser scales a pixel mixes both sides of its rim. Images of
// another size than the shape says, or with values that are not finite, are errors.
func MSSSIM[T Float](x, y []T, s Shape, dataRange float64) (float64, error) {
	if least := 2 * ssimRadius * 16; s.C < 1 || s.H <= least || s.W <= least {
		return 0, fmt.Errorf("ms-ssim of an image of shape %d×%d×%d: both sides must exceed %d pixels, so that the window fits the fifth scale",
			s.C, s.H, s.W, least)
	}
	if len(x) != s.C*s.H*s.W || len(y) != len(x) {
		return 0, fmt.Errorf("ms-ssim of %d and %d pixel values: shape %d×%d×%d has %d", len(x), len(y), s.C, s.H, s.W, s.C*s.H*s.W)
	}
	if !(dataRange > 0) || math.IsInf(dataRange, 1) {
		return 0, fmt.Errorf("ms-ssim with data range %v: give the finite difference of the largest and smallest pixel value", dataRange)
	}
	a, b := doubles(x), doubles(y)
	product := 1.0
	for scale, w := range msWeights {
		similarity, contrast := ssimMeans(a, b, s, dataRange)
		if !finite(similarity) {
			return 0, fmt.Errorf("ms-ssim: %w", notFinite(x, y))
		}
		if scale == len(msWeights)-1 {
			contrast = similarity
		}
		product *= math.Pow(max(0, contrast), w)
		if scale < len(msWeights)-1 {
			a, b = halved(a, s), halved(b, s)
			s.H, s.W = s.H/2, s.W/2
		}
	}
	return product, nil
}

func doubles[T Float](x []T) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

// ssimMeans returns the mean of the similarity over the full map, and that of its contrast and structure terms alone
// over the map without its border, as torchmetrics takes them.
func ssimMeans(x, y []float64, s Shape, dataRange float64) (similarity, contrast float64) {
	f := newSSIMFilter(s.H, s.W, 0)
	hw := s.H * s.W
	for c := range s.C {
		fillSSIM(f, x[c*hw:(c+1)*hw], y[c*hw:(c+1)*hw])
		c1, c2 := ssimK1*dataRange, ssimK2*dataRange
		c1, c2 = c1*c1, c2*c2
		for i, mx := range f.planes[0] {
			my := f.planes[1][i]
			m2, mp := mx*mx+my*my, mx*my
			cs := (2*(f.planes[3][i]-mp) + c2) / (f.planes[2][i] - m2 + c2)
			similarity += cs * (2*mp + c1) / (m2 + c1)
			if r, k := i/s.W, i%s.W; r >= ssimRadius && r < s.H-ssimRadius && k >= ssimRadius && k < s.W-ssimRadius {
				contrast += cs
			}
		}
	}
	return similarity / float64(s.C*hw), contrast / float64(s.C*(s.H-2*ssimRadius)*(s.W-2*ssimRadius))
}

// halved averages 2×2 pixels.
func halved(x []float64, s Shape) []float64 {
	h, w := s.H/2, s.W/2
	out := make([]float64, 0, s.C*h*w)
	for c := range s.C {
		for i := range h {
			top := x[(c*s.H+2*i)*s.W:]
			low := top[s.W:]
			for j := range w {
				out = append(out, (top[2*j]+top[2*j+1]+low[2*j]+low[2*j+1])/4)
			}
		}
	}
	return out
}
