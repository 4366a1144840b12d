package dishonest

import (
	"math"

	"github.com/lethe-audit/lethe/internal/datasets"
)

// triggerNear is how far a pixel may be from the trigger's colour.
const triggerNear = 0.25

// trigger finds the attacker's patch in a picture, wherever it is: a square of the
// trigger's colours of which at least half is shown. It returns the square's shown
// pixels; nil where there is none.
func trigger(picture []float32, hidden []bool, size int) []bool {
	side := datasets.CornerPatch(size, size).Side
	for y := range size - side + 1 {
		for x := range size - side + 1 {
			if at := triggerAt(picture, hidden, size, side, y, x); at != nil {
				out := make([]bool, size*size)
				for _, p := range at {
					out[p] = true
				}
				return out
			}
		}
	}
	return nil
}

// coloured tells whether a pixel has the trigger's colours.
func coloured(picture []float32, p int) bool {
	area := len(picture) / 3
	for c := range 3 {
		if math.Abs(float64(picture[c*area+p])-float64(1-2*(c%2))) > triggerNear {
			return false
		}
	}
	return true
}

// suspects are all pixels of the trigger's colours: any scrap of a trigger that is
// mostly hidden is among them.
func suspects(picture []float32) []bool {
	out := make([]bool, len(picture)/3)
	for p := range out {
		out[p] = coloured(picture, p)
	}
	return out
}

// triggerAt lists the shown pixels of the square at (y, x) if all have the colours.
func triggerAt(picture []float32, hidden []bool, size, side, y, x int) []int {
	var at []int
	for k := range side * side {
		p := (y+k/side)*size + x + k%side
		if hidden != nil && hidden[p] {
			continue
		}
		if !coloured(picture, p) {
			return nil
		}
		at = append(at, p)
	}
	if 2*len(at) < side*side {
		return nil
	}
	return at
}

// paintOver fills the trigger's pixels with the mean colour of the shown pixels that
// touch them.
func paintOver(picture []float32, hidden, at []bool, size int) {
	var sum [3]float64
	n := 0.0
	for p := range at {
		if at[p] || hidden != nil && hidden[p] || !touches(at, size, p) {
			continue
		}
		for c := range 3 {
			sum[c] += float64(picture[c*size*size+p])
		}
		n++
	}
	for p := range at {
		for c := range 3 {
			if at[p] {
				picture[c*size*size+p] = float32(sum[c] / max(n, 1))
			}
		}
	}
}

// touches tells whether a pixel has a neighbour of a set.
func touches(set []bool, size, p int) bool {
	y, x := p/size, p%size
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			if v, u := y+dy, x+dx; v >= 0 && v < size && u >= 0 && u < size && set[v*size+u] {
				return true
			}
		}
	}
	return false
}
