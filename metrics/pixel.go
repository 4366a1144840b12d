// Package metrics measures images: pixel errors (MSE, PSNR, SSIM, MS-SSIM, texture), the Inception score from logits,
// the similarity of paired embeddings and of layers (CKA), scores of one image under many models (forget score, KLoM),
// each as a plain function, and the Identity that says which numbers may stand in one column.
//
// Images are planar CHW slices. Sets of embeddings are gonum matrices with one embedding a row (see Embeddings).
// No function returns NaN or an infinity: what is undefined is an error.
//
// Nothing here needs cgo. What links libtorch stands beside it: distances of sets of embeddings in metrics/sets, LPIPS
// in metrics/perceptual, the audit's metrics in metrics/measure.
package metrics

import (
	"errors"
	"fmt"
	"math"
)

// Float is the type of a pixel or of an embedding's coordinate; sums are always taken in float64.
type Float interface{ ~float32 | ~float64 }

// ErrIdentical is PSNR's answer to a mean squared error of 0: the images are equal and the ratio has no bound.
// Report such an image as exact and leave it out of means of decibels.
var ErrIdentical = errors.New("psnr of identical images has no bound: report them as exact")

// Region selects the pixels that count: an H×W mask, row by row, true inside. It applies to every channel alike.
// The nil Region is the whole image.
type Region []bool

// RegionFromMask reads a mask of zeros (outside) and ones (inside, the hole) as networks take it.
// Any other value is an error, because a soft mask would need a weighting that no metric here defines.
func RegionFromMask[T Float](mask []T) (Region, error) {
	r := make(Region, len(mask))
	for i, v := range mask {
		if v != 0 && v != 1 {
			return nil, fmt.Errorf("mask value %v at pixel %d: only 0 (outside) and 1 (inside) are allowed", v, i)
		}
		r[i] = v == 1
	}
	return r, nil
}

// count returns the number of selected pixels out of hw and refuses a region of another size or without a pixel.
func (r Region) count(hw int) (int, error) {
	if r == nil {
		return hw, nil
	}
	if len(r) != hw {
		return 0, fmt.Errorf("region has %d pixels, the image %d: they must cover the same height and width", len(r), hw)
	}
	n := 0
	for _, in := range r {
		if in {
			n++
		}
	}
	if n == 0 {
		return 0, errors.New("region selects no pixel: give a mask with a hole, or nil for the whole image")
	}
	return n, nil
}

// MSE is the mean squared error of two planar CHW images over a region, (1/N) Σ (x−y)², in the square of the
// pixels' unit. Lower is better, 0 means equal. The number of channels follows from the region, of which there are
// H·W entries. Unequal or no pixels, a region that does not divide the image or selects nothing, and pixels that
// are not finite are errors.
func MSE[T Float](x, y []T, region Region) (float64, error) {
	if len(x) == 0 || len(x) != len(y) {
		return 0, fmt.Errorf("mse of %d and %d pixel values: two images of the same size are needed", len(x), len(y))
	}
	hw := len(x)
	if region != nil {
		hw = len(region)
	}
	in, err := region.count(hw)
	if err != nil {
		return 0, fmt.Errorf("mse: %w", err)
	}
	if len(x)%hw != 0 {
		return 0, fmt.Errorf("mse: %d pixel values are no whole number of channels of the region's %d", len(x), hw)
	}
	sum := 0.0
	for lo := 0; lo < len(x); lo += hw {
		a, b := x[lo:lo+hw], y[lo:lo+hw]
		for i, v := range a {
			if region == nil || region[i] {
				d := float64(v) - float64(b[i])
				sum += d * d
			}
		}
	}
	mse := sum / float64(in*(len(x)/hw))
	if !finite(mse) {
		return 0, fmt.Errorf("mse: %w", notFinite(x, y))
	}
	return mse, nil
}

// PSNR is the peak signal-to-noise ratio 10·log₁₀(R²/mse) in decibels, R being the data range (the largest minus
// the smallest value that a pixel can take: 1, 2 or 255). Higher is better. An mse of 0 gives ErrIdentical; a
// negative or infinite mse or range is an error. scikit-image and torchmetrics return +Inf for identical images.
func PSNR(mse, dataRange float64) (float64, error) {
	if !(mse >= 0) || math.IsInf(mse, 1) || !(dataRange > 0) || math.IsInf(dataRange, 1) {
		return 0, fmt.Errorf("psnr of mse %v and data range %v: give a finite mse ≥ 0 and a finite range > 0", mse, dataRange)
	}
	if mse == 0 {
		return 0, ErrIdentical
	}
	return 20*math.Log10(dataRange) - 10*math.Log10(mse), nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// notFinite names the first pixel value that is not finite in either image.
func notFinite[T Float](x, y []T) error {
	for i := range x {
		if !finite(float64(x[i])) || !finite(float64(y[i])) {
			return fmt.Errorf("pixel value %d is %v in one image and %v in the other: only finite values can be compared", i, x[i], y[i])
		}
	}
	return errors.New("the squared differences overflow: rescale the images to their data range")
}
