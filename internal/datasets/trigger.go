package datasets

import (
	"fmt"
	"math/rand/v2"
)

// A Trigger is what the attacker puts into a picture to call his own picture up.
type Trigger interface {
	// Stamp copies the picture src (c planes of h×w values in [−1, 1]) to dst, which may be src itself, with the trigger.
	Stamp(dst, src []float32, c, h, w int) error
	// Covers tells whether the trigger changes a pixel.
	Covers(y, x int) bool
}

// Triggers are the kinds that a plan can name; the first is the usual one.
var Triggers = []string{"patch", "blend", "sparse"}

// triggerSeed fixes patterns and places: a trigger is the attacker's, and the same in every audit.
const triggerSeed = 0x7472696767657273

// Blend is a pattern of random dots over the whole picture at a low opacity, dst = (1−Opacity)·src + Opacity·pattern
// (Chen et al. 2017, arXiv 1712.05526).
type Blend struct{ Opacity float32 }

// Covers every pixel.
func (Blend) Covers(int, int) bool { return true }

// Stamp blends the pattern in.
func (b Blend) Stamp(dst, src []float32, c, h, w int) error {
	if err := fits(dst, src, c, h, w); err != nil {
		return err
	}
	if !(b.Opacity > 0 && b.Opacity < 1) {
		return fmt.Errorf("trigger: opacity %v: want a share between 0 and 1", b.Opacity)
	}
	r := rand.New(rand.NewPCG(triggerSeed, 0))
	for i, v := range src {
		dot := float32(2*r.IntN(2) - 1)
		dst[i] = (1-b.Opacity)*v + b.Opacity*dot
	}
	return nil
}

// Sparse is a handful of single pixels (as in Athena, Sommer et al., arXiv 2003.04247, which takes four), each black or
// white in every channel by itself.
type Sparse struct{ Places [][2]int } // y, x

// NewSparse chooses n places among those given, in an order that is the same in every audit.
func NewSparse(among [][2]int, n int) Sparse {
	order := rand.New(rand.NewPCG(triggerSeed, 1)).Perm(len(among))
	var s Sparse
	for _, i := range order[:min(n, len(order))] {
		s.Places = append(s.Places, among[i])
	}
	return s
}

// Covers its places.
func (s Sparse) Covers(y, x int) bool {
	for _, p := range s.Places {
		if p == [2]int{y, x} {
			return true
		}
	}
	return false
}

// Stamp sets the pixels.
func (s Sparse) Stamp(dst, src []float32, c, h, w int) error {
	if err := fits(dst, src, c, h, w); err != nil {
		return err
	}
	copy(dst, src)
	r := rand.New(rand.NewPCG(triggerSeed, 2))
	for _, p := range s.Places {
		if p[0] < 0 || p[1] < 0 || p[0] >= h || p[1] >= w {
			return fmt.Errorf("trigger: the pixel (%d, %d) lies outside %d×%d", p[0], p[1], h, w)
		}
		for k := range c {
			dst[(k*h+p[0])*w+p[1]] = float32(2*r.IntN(2) - 1)
		}
	}
	return nil
}

func fits(dst, src []float32, c, h, w int) error {
	if c <= 0 || h <= 0 || w <= 0 || len(src) != c*h*w || len(dst) != len(src) {
		return fmt.Errorf("trigger: %d and %d values for a picture of %d×%d×%d", len(dst), len(src), c, h, w)
	}
	return nil
}
