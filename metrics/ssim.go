package metrics

import (
	"fmt"
	"math"
)

// Shape is the size of a planar image: channels, height, width.
type Shape struct{ C, H, W int }

// SSIMVariant names what happens at the border, where implementations differ. All three share an 11-tap Gaussian
// window of σ 1.5, population covariances and K₁ = 0.01, K₂ = 0.03 (Wang et al. 2004, section III).
type SSIMVariant string

const (
	// SSIMSkimage is scikit-image's structural_similarity(gaussian_weights=True, sigma=1.5,
	// use_sample_covariance=False): the mean over the map without its outer 5 pixels. It is Wang et al.'s.
	SSIMSkimage SSIMVariant = "skimage"
	// SSIMSkimageFull is the mean over scikit-image's full map; the border repeats its edge pixel (cba|abc|cba).
	SSIMSkimageFull SSIMVariant = "skimage-full"
	// SSIMTorchmetrics is torchmetrics' structural_similarity_index_measure: the full map, with a border mirrored
	// about the edge pixel (dcb|abcd|cba).
	SSIMTorchmetrics SSIMVariant = "torchmetrics"
)

const (
	ssimRadius = 5 // int(3.5σ + 0.5), as scipy.ndimage and torchmetrics truncate a Gaussian of σ 1.5
	ssimSigma  = 1.5
	ssimK1     = 0.01
	ssimK2     = 0.03
)

// SSIM is the mean structural similarity of two planar images (Wang, Bovik, Sheikh, Simoncelli 2004, eq. 13),
//
//	(2μxμy + C₁)(2σxy + C₂) / ((μx² + μy² + C₁)(σx² + σy² + C₂)),  C = (K·dataRange)²,
//
// averaged over pixels and channels. It lies in [−1, 1]; higher is better; equal images give exactly 1.
// With a region it is the mean of the map over the region's pixels, the border included, whatever the variant's
// crop: windows near the hole's rim also see its surroundings.
// Images smaller than the 11×11 window, of another size than the shape says, or with values that are not finite,
// and an unknown variant are errors.
func SSIM[T Float](x, y []T, s Shape, dataRange float64, v SSIMVariant, region Region) (float64, error) {
	edge, crop, err := v.border()
	if err != nil {
		return 0, err
	}
	if s.C < 1 || s.H <= 2*ssimRadius || s.W <= 2*ssimRadius {
		return 0, fmt.Errorf("ssim of an image of shape %d×%d×%d: at least one channel of 11×11 pixels is needed", s.C, s.H, s.W)
	}
	hw := s.H * s.W
	if len(x) != s.C*hw || len(y) != s.C*hw {
		return 0, fmt.Errorf("ssim of %d and %d pixel values: shape %d×%d×%d has %d", len(x), len(y), s.C, s.H, s.W, s.C*hw)
	}
	if !(dataRange > 0) || math.IsInf(dataRange, 1) {
		return 0, fmt.Errorf("ssim with data range %v: give the finite difference of the largest and smallest pixel value", dataRange)
	}
	in, err := region.count(hw)
	if err != nil {
		return 0, fmt.Errorf("ssim: %w", err)
	}
	if region != nil {
		crop = 0
	} else {
		in = (s.H - 2*crop) * (s.W - 2*crop)
	}
	f := newSSIMFilter(s.H, s.W, edge)
	sum := 0.0
	for c := range s.C {
		m := ssimMap(f, x[c*hw:(c+1)*hw], y[c*hw:(c+1)*hw], dataRange)
		for i := crop; i < s.H-crop; i++ {
			for j := crop; j < s.W-crop; j++ {
				if region == nil || region[i*s.W+j] {
					sum += m[i*s.W+j]
				}
			}
		}
	}
	mean := sum / float64(in*s.C)
	if !finite(mean) {
		return 0, fmt.Errorf("ssim: %w", notFinite(x, y))
	}
	return mean, nil
}

// border returns the mirror's offset (1 repeats the edge pixel, 0 does not) and the crop of the map.
func (v SSIMVariant) border() (edge, crop int, err error) {
	switch v {
	case SSIMSkimage:
		return 1, ssimRadius, nil
	case SSIMSkimageFull:
		return 1, 0, nil
	case SSIMTorchmetrics:
		return 0, 0, nil
	}
	return 0, 0, fmt.Errorf("unknown ssim variant %q: one of %q, %q, %q", string(v), SSIMSkimage, SSIMSkimageFull, SSIMTorchmetrics)
}

// ssimMap returns the similarity at each pixel of one channel; it is valid until the filter's next use.
// Only the sum of the two variances enters, so four blurred planes do instead of five.
func ssimMap[T Float](f *ssimFilter, x, y []T, dataRange float64) []float64 {
	fillSSIM(f, x, y)
	sx, sy, sq, sp := f.planes[0], f.planes[1], f.planes[2], f.planes[3]
	c1, c2 := ssimK1*dataRange, ssimK2*dataRange
	c1, c2 = c1*c1, c2*c2
	for i, mx := range sx {
		my := sy[i]
		m2, mp := mx*mx+my*my, mx*my
		sx[i] = (2*mp + c1) * (2*(sp[i]-mp) + c2) / ((m2 + c1) * (sq[i] - m2 + c2))
	}
	return sx
}

// fillSSIM blurs x, y, x²+y² and xy into the filter's four planes.
func fillSSIM[T Float](f *ssimFilter, x, y []T) {
	for i := range x {
		a, b := float64(x[i]), float64(y[i])
		f.planes[0][i], f.planes[1][i], f.planes[2][i], f.planes[3][i] = a, b, a*a+b*b, a*b
	}
	for _, p := range f.planes {
		f.blur(p)
	}
}

// ssimFilter is a separable Gaussian with the scratch memory of one image size.
type ssimFilter struct {
	h, w     int
	kernel   [ssimRadius + 1]float64 // centre first; the other half is its mirror image
	rows     []int                   // source row of each padded row
	cols     []int
	pad, tmp []float64
	planes   [4][]float64
}

func newSSIMFilter(h, w, edge int) *ssimFilter {
	f := &ssimFilter{h: h, w: w, rows: mirrored(h, edge), cols: mirrored(w, edge)}
	total := 0.0
	for i := range f.kernel {
		f.kernel[i] = math.Exp(-float64(i*i) / (2 * ssimSigma * ssimSigma))
		total += 2 * f.kernel[i]
	}
	total -= f.kernel[0]
	for i := range f.kernel {
		f.kernel[i] /= total
	}
	buf := make([]float64, 5*h*w+w+2*ssimRadius)
	for i := range f.planes {
		f.planes[i], buf = buf[:h*w], buf[h*w:]
	}
	f.tmp, f.pad = buf[:h*w], buf[h*w:]
	return f
}

// mirrored maps the positions −5 … n+4 to 0 … n−1; edge 1 repeats the border pixel, edge 0 mirrors about it.
func mirrored(n, edge int) []int {
	idx := make([]int, n+2*ssimRadius)
	for i := range idx {
		p := i - ssimRadius
		if p < 0 {
			p = -p - edge
		}
		if p >= n {
			p = 2*(n-1) - p + edge
		}
		idx[i] = p
	}
	return idx
}

// blur convolves a plane in place, first along rows, then along columns.
func (f *ssimFilter) blur(plane []float64) {
	k, w := f.kernel, f.w
	for i := range f.h {
		row, p := plane[i*w:(i+1)*w], f.pad
		for j, c := range f.cols {
			p[j] = row[c]
		}
		dst := f.tmp[i*w : (i+1)*w]
		for j := range dst {
			q := p[j : j+11 : j+11]
			dst[j] = k[0]*q[5] + k[1]*(q[4]+q[6]) + k[2]*(q[3]+q[7]) + k[3]*(q[2]+q[8]) + k[4]*(q[1]+q[9]) + k[5]*(q[0]+q[10])
		}
	}
	var r [2*ssimRadius + 1][]float64
	for i := range f.h {
		for t := range r {
			at := f.rows[i+t] * w
			r[t] = f.tmp[at : at+w]
		}
		for j := range plane[i*w : (i+1)*w] {
			plane[i*w+j] = k[0]*r[5][j] + k[1]*(r[4][j]+r[6][j]) + k[2]*(r[3][j]+r[7][j]) +
				k[3]*(r[2][j]+r[8][j]) + k[4]*(r[1][j]+r[9][j]) + k[5]*(r[0][j]+r[10][j])
		}
	}
}
