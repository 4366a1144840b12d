package pixels

import (
	"image"
	"image/color"
	"image/draw"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/font/inconsolata"
	"golang.org/x/image/math/fixed"
)

// Bitmap faces of 8×16 pixels: the same on every machine, no font files.
var (
	regular = inconsolata.Regular8x16
	bold    = inconsolata.Bold8x16
)

const charWidth, lineHeight = 8, 17

var (
	ink   = color.Gray{0x20}
	faint = color.Gray{0x70}
	pale  = color.Gray{0xf2}
	line  = color.Gray{0xc8}
)

type align int

const (
	left align = iota
	centre
	right
)

// canvas is a white picture to draw on; the methods clip at its edges.
type canvas struct{ *image.RGBA }

func newCanvas(w, h int) canvas {
	c := canvas{image.NewRGBA(image.Rect(0, 0, w, h))}
	c.fill(c.Rect, color.White)
	return c
}

func (c canvas) fill(r image.Rectangle, col color.Color) {
	draw.Draw(c, r, image.NewUniform(col), image.Point{}, draw.Src)
}

// text sets lines below one another, the first one's top at y.
func (c canvas) text(lines []string, x, y int, face *basicfont.Face, col color.Color, a align) {
	for i, s := range lines {
		d := font.Drawer{Dst: c, Src: image.NewUniform(col), Face: face}
		at := x
		switch a {
		case centre:
			at -= d.MeasureString(s).Round() / 2
		case right:
			at -= d.MeasureString(s).Round()
		}
		d.Dot = fixed.P(at, y+i*(face.Height+1)+face.Ascent)
		d.DrawString(s)
	}
}

// textBottom is text whose last line ends at y.
func (c canvas) textBottom(lines []string, x, y int, face *basicfont.Face, col color.Color, a align) {
	c.text(lines, x, y-len(lines)*(face.Height+1), face, col, a)
}

// textMiddle is text centred on y.
func (c canvas) textMiddle(lines []string, x, y int, face *basicfont.Face, col color.Color, a align) {
	c.text(lines, x, y-len(lines)*(face.Height+1)/2, face, col, a)
}

func (c canvas) rule(x0, x1, y int) { c.fill(image.Rect(x0, y, x1, y+1), line) }

// hollow marks a place without a picture.
func (c canvas) hollow(x, y, w, h int) {
	c.fill(image.Rect(x, y, x+w, y+h), pale)
	c.text([]string{"-"}, x+w/2, y+h/2-lineHeight/2, regular, faint, centre)
}

// tile enlarges m without smoothing, so that the model's own pixels are seen.
func (c canvas) tile(m Image, x, y, scale int) {
	for sy := range m.H {
		for sx := range m.W {
			p := m.Pix[3*(sy*m.W+sx):][:3]
			at := image.Rect(x+sx*scale, y+sy*scale, x+(sx+1)*scale, y+(sy+1)*scale)
			for ty := at.Min.Y; ty < at.Max.Y; ty++ {
				row := c.Pix[c.PixOffset(at.Min.X, ty):]
				for tx := range scale {
					row[4*tx], row[4*tx+1], row[4*tx+2], row[4*tx+3] = p[0], p[1], p[2], 0xff
				}
			}
		}
	}
}
