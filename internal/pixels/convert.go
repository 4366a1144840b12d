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
	case *image.RGBA: // png: colour without alpha, so nothing is premultiplied
		return func(x, y int) (r, g, b uint8) { return three(m.Pix[m.PixOffset(x, y):], 1) }
	case *image.RGBA64:
		return func(x, y int) (r, g, b uint8) { return three(m.Pix[m.PixOffset(x, y):], 2) }
	case *image.NRGBA:
		return func(x, y int) (r, g, b uint8) { return three(m.Pix[m.PixOffset(x, y):], 1) }
	case *image.NRGBA64:
		return func(x, y int) (r, g, b uint8) { return three(m.Pix[m.PixOffset(x, y):], 2) }
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

func three(p []uint8, step int) (r, g, b uint8) { return p[0], p[step], p[2*step] }

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
