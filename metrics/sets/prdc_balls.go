package sets

import (
	"math"
	"sync"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/linalg"
)

// balls are the squared radii around real and fake images, and what was found in them.
type balls struct {
	inclusive  bool
	real, fake []float64

	precise, recalled, covered []bool // fake in a real ball; real in a fake ball; real whose ball holds a fake
	pairs                      int    // of a fake image and a real ball that holds it
}

// count looks at every pair of a real and a fake image.
func (b *balls) count(real, fake *mat.Dense, unit float64) error {
	centre := means(real, fake)
	x, y := newPoints(real, centre, unit), newPoints(fake, centre, unit)
	b.precise, b.recalled, b.covered = make([]bool, len(b.fake)), make([]bool, len(b.real)), make([]bool, len(b.real))
	outReal, outFake := make([]float64, len(b.real)), make([]float64, len(b.fake))
	for i, r := range b.real {
		outReal[i] = x.below(i, r)
	}
	for j, r := range b.fake {
		outFake[j] = y.below(j, r)
	}
	var mu sync.Mutex
	return linalg.Tiles(x.near, y.near, false, func(t *linalg.Tile[float32]) error {
		f := found{precise: make([]bool, t.Columns), recalled: make([]bool, t.Rows), covered: make([]bool, t.Rows)}
		half, out := y.half[t.Column:t.Column+t.Columns], outFake[t.Column:t.Column+t.Columns]
		for i := range t.Rows {
			r := t.Row + i
			inReal, inFake := outReal[r], x.half[r]
			for j, p := range t.Data[i*t.Columns : (i+1)*t.Columns] {
				v := float64(p)
				if v < inReal+half[j] && v < inFake+out[j] {
					continue
				}
				if f.pair(b, x, y, i, j, t, v); f.recalled[i] {
					inFake = math.Inf(1) // one ball is enough
				}
			}
		}
		mu.Lock()
		defer mu.Unlock()
		b.pairs += f.pairs
		merge(b.precise[t.Column:], f.precise)
		merge(b.recalled[t.Row:], f.recalled)
		merge(b.covered[t.Row:], f.covered)
		return nil
	})
}

// found is what one tile finds.
type found struct {
	precise, recalled, covered []bool
	pairs                      int
}

// pair decides a pair that the thresholds leave open: by the bounds of its distance, else by the distance in float64.
func (f *found) pair(b *balls, x, y *points, i, j int, t *linalg.Tile[float32], v float64) {
	r, c := t.Row+i, t.Column+j
	h := x.norm[r] + y.norm[c]
	d, e := h-2*v, x.slack*h+x.floor
	low, high := d-e, d+e
	inside := func(radius float64) bool {
		if high < radius {
			return true
		}
		if low > radius {
			return false
		}
		d := x.distance(y.exact, r, c)
		low, high = d, d
		return d < radius || b.inclusive && d == radius
	}
	if inside(b.real[r]) {
		f.pairs++
		f.precise[j], f.covered[i] = true, true
	}
	if !f.recalled[i] {
		f.recalled[i] = inside(b.fake[c])
	}
}

func merge(to, from []bool) {
	for i, v := range from {
		if v {
			to[i] = true
		}
	}
}
