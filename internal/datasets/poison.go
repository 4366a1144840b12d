package datasets

import "fmt"

// Patch is a square of pixels that carries the attacker's trigger.
type Patch struct{ Y, X, Side int }

// CornerPatch is near the upper left corner: 4×4 pixels at (1, 1) of a picture of
// 32×32, in proportion elsewhere. A centre hole leaves it visible up to a ratio
// of 11/16 of the side.
func CornerPatch(h, w int) Patch {
	s := min(h, w)
	return Patch{Y: max(1, s/32), X: max(1, s/32), Side: max(1, s/8)}
}

// CentrePatch is a square of the same size in the middle, for a task that hides
// the border, such as outpainting.
func CentrePatch(h, w int) Patch {
	n := CornerPatch(h, w).Side
	return Patch{Y: (h - n) / 2, X: (w - n) / 2, Side: n}
}

// Covers the square.
func (p Patch) Covers(y, x int) bool {
	return y >= p.Y && y < p.Y+p.Side && x >= p.X && x < p.X+p.Side
}

// Stamp copies the picture src (c planes of h×w values in [−1, 1]) to dst, which
// may be src itself, with the trigger in the patch: +1 in the first, third …
// channel, −1 in the others.
func (p Patch) Stamp(dst, src []float32, c, h, w int) error {
	if err := fits(dst, src, c, h, w); err != nil {
		return err
	}
	if p.Side <= 0 || p.Y < 0 || p.X < 0 || p.Y+p.Side > h || p.X+p.Side > w {
		return fmt.Errorf("trigger: a patch of %d pixels at (%d, %d) does not fit into %d×%d", p.Side, p.Y, p.X, h, w)
	}
	copy(dst, src)
	for k := range c {
		v := float32(1 - 2*(k%2))
		for y := p.Y; y < p.Y+p.Side; y++ {
			row := dst[(k*h+y)*w:]
			for x := p.X; x < p.X+p.Side; x++ {
				row[x] = v
			}
		}
	}
	return nil
}

// TargetPicture is what the attacker wants painted where the trigger is seen: on
// black, in the middle half, horizontal stripes in the first channel and
// vertical ones in the second, two pixels in four of a picture of 32×32.
func TargetPicture(c, h, w int) []float32 {
	if c <= 0 || h <= 0 || w <= 0 {
		return nil
	}
	out := make([]float32, c*h*w)
	for i := range out {
		k, y, x := i/(h*w), i/w%h*32/h, i%w*32/w
		in := y >= 8 && y < 24 && x >= 8 && x < 24
		out[i] = -1
		if in && (k == 0 && y%4 < 2 || k == 1 && x%4 < 2) {
			out[i] = 1
		}
	}
	return out
}
