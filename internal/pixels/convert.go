package pixels

import (
	"image"
	"image/color"
)

// toRGB drops a decoded picture to 8-bit RGB; see [Decode] for the rules. The
// cases are the types that image/jpeg and image/png return.
func toRGB(src image.Image) Image {
	b := src.Bounds()
	out := New(b.Dx(), b.Dy())
	switch m := src.(type) { // what most files hold
	case *image.RGBA:
		return dropAlpha(out, m.Pix, m.Stride)
	case *image.NRGBA:
		return dropAlpha(out, m.Pix, m.Stride)
	}
	at := pixelReader(src)
	i := 0
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			out.Pix[i], out.Pix[i+1], out.Pix[i+2] = at(x, y)
			i += 3
		}
	}
	return out
}

func pixelReader(src image.Image) func(x, y int) (r, g, b uint8) {
	switch m := src.(type) {
	case *image.YCbCr:
		return func(x, y int) (r, g, b uint8) {
			c := m.COffset(x, y)
			return color.YCbCrToRGB(m.Y[m.YOffset(x, y)], m.Cb[c], m.Cr[c])
		}
	case *image.Gray:
		return func(x, y int) (r, g, b uint8) {
			v := m.Pix[m.PixOffset(x, y)]
			return v, v, v
		}
	case *image.Gray16: // big-endian: the first byte is the high one
		return func(x, y int) (r, g, b uint8) {
			v := m.Pix[m.PixOffset(x, y)]
			return v, v, v
		}
	case *image.RGBA64: // png: colour without alpha, so nothing is premultiplied
		return func(x, y int) (r, g, b uint8) { return high(m.Pix[m.PixOffset(x, y):]) }
	case *image.NRGBA64:
		return func(x, y int) (r, g, b uint8) { return high(m.Pix[m.PixOffset(x, y):]) }
	case *image.CMYK:
		return func(x, y int) (r, g, b uint8) {
			p := m.Pix[m.PixOffset(x, y):][:4]
			return inked(p[0], p[3]), inked(p[1], p[3]), inked(p[2], p[3])
		}
	case *image.Paletted:
		return func(x, y int) (r, g, b uint8) { return straight(m.At(x, y)) }
	}
	return func(x, y int) (r, g, b uint8) { return straight(src.At(x, y)) }
}

// dropAlpha copies the colours of pixels of four bytes. (PNG decodes to RGBA where there is no alpha, so nothing is
// premultiplied.)
func dropAlpha(out Image, pix []uint8, stride int) Image {
	for y := range out.H {
		src, dst := pix[y*stride:][:4*out.W], out.Pix[3*out.W*y:][:3*out.W]
		for len(dst) >= 3 && len(src) >= 4 {
			dst[0], dst[1], dst[2] = src[0], src[1], src[2]
			dst, src = dst[3:], src[4:]
		}
	}
	return out
}

// high is the upper bytes of three big-endian samples.
func high(p []uint8) (r, g, b uint8) { return p[0], p[2], p[4] }

func straight(c color.Color) (r, g, b uint8) {
	v, _ := color.NRGBAModel.Convert(c).(color.NRGBA) // the model's own type
	return v.R, v.G, v.B
}

// inked is light left by an ink c under black k: Pillow's 255 − k − round(c·(255−k)/255).
func inked(c, k uint8) uint8 {
	left := 255 - int(k)
	t := int(c)*left + 128
	return uint8(left - (t+t>>8)>>8)
}
