package pixels

import (
	"fmt"
	"math"
)

// Image is an 8-bit RGB picture: pixel (x, y) has its red, green and blue at
// Pix[3*(y*W+x):][:3]. Rows run from top to bottom, without padding.
type Image struct {
	W, H int
	Pix  []uint8
}

// New returns a black picture; sides that are not positive give an empty one.
func New(w, h int) Image {
	if w <= 0 || h <= 0 {
		return Image{}
	}
	return Image{W: w, H: h, Pix: make([]uint8, 3*w*h)}
}

// check tells a picture that can be worked on from an empty or malformed one.
func (m Image) check() error {
	if m.W <= 0 || m.H <= 0 {
		return fmt.Errorf("picture of %d×%d pixels is empty", m.W, m.H)
	}
	if len(m.Pix) != 3*m.W*m.H {
		return fmt.Errorf("picture of %d×%d pixels holds %d bytes, not %d", m.W, m.H, len(m.Pix), 3*m.W*m.H)
	}
	return nil
}

// CenterCrop cuts w×h pixels from the middle. The offset is (H−h)/2 with a half
// rounded to the even number, as torchvision's CenterCrop does; unlike it, a
// picture smaller than the crop is an error and is not padded.
func CenterCrop(m Image, w, h int) (Image, error) {
	if err := m.check(); err != nil {
		return Image{}, fmt.Errorf("centre crop: %w", err)
	}
	if w <= 0 || h <= 0 || w > m.W || h > m.H {
		return Image{}, fmt.Errorf("centre crop: %d×%d pixels cannot be cut from %d×%d", w, h, m.W, m.H)
	}
	x0 := int(math.RoundToEven(float64(m.W-w) / 2))
	y0 := int(math.RoundToEven(float64(m.H-h) / 2))
	out := New(w, h)
	for y := range h {
		copy(out.Pix[3*w*y:3*w*(y+1)], m.Pix[3*(m.W*(y0+y)+x0):])
	}
	return out, nil
}

// ResizeShorter resizes so that the shorter side has size pixels and the longer
// one ⌊size·long/short⌋, as torchvision's Resize(size) does. A picture so long
// that the result would pass [DefaultLimit] is an error.
func ResizeShorter(m Image, size int, f Filter) (Image, error) {
	if err := m.check(); err != nil {
		return Image{}, fmt.Errorf("resize shorter side: %w", err)
	}
	long, short := int64(max(m.W, m.H)), int64(min(m.W, m.H))
	if size > 0 && long > int64(DefaultLimit)/int64(size)/int64(size)*short {
		return Image{}, fmt.Errorf("resize shorter side to %d: a picture of %d×%d pixels is too long and thin", size, m.W, m.H)
	}
	w, h := size, size
	if m.W < m.H {
		h = size * m.H / m.W
	} else {
		w = size * m.W / m.H
	}
	return Resize(m, w, h, f)
}

// Square is ResizeShorter followed by CenterCrop: a size×size picture, the usual
// preparation of ImageNet and Places365.
func Square(m Image, size int, f Filter) (Image, error) {
	m, err := ResizeShorter(m, size, f)
	if err != nil {
		return Image{}, err
	}
	return CenterCrop(m, size, size)
}
