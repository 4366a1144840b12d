package stats

import (
	"fmt"
	"math"
)

// DisplacementBound is what a rise of the loss says of how far paintings have moved. With ℓ the squared error of an
// image averaged over its d painted values, ‖h − y‖ = √(d·ℓ), and the triangle inequality gives
//
//	‖h − h0‖ ≥ |√(d·ℓ) − √(d·ℓ0)|,
//
// in the pixels' unit, whatever the network, the optimiser or the step. It assumes nothing, and is an equality where h
// moves straight away from y.
func DisplacementBound(loss0, loss float64, d int) float64 {
	return math.Abs(math.Sqrt(float64(d)*loss) - math.Sqrt(float64(d)*loss0))
}

// An AscentBound says how many steps of gradient ascent suffice to move an image's painting by Lambda, under
// assumptions that hold along the way: the loss is L-smooth, its gradient's norm is at least m, and steps are plain
// gradient steps of a rate η ≤ 1/L. A step raises such a loss by η·‖g‖²·(1 − Lη/2) ≥ η·m²/2, the displacement needs
//
//	ℓ ≥ ℓ* = (√(d·ℓ0) + λ)² / d
//
// by [DisplacementBound], and T = ⌈2·(ℓ* − ℓ0) / (η·m²)⌉ steps reach it. Neither L nor m is known of a network: they
// are estimates, and the number of steps is as good as they are.
type AscentBound struct {
	Loss       float64 // ℓ0
	Values     int     // d
	Lambda     float64 // λ
	Rate       float64 // η
	Gradient   float64 // m
	Smoothness float64 // L
}

// Target is ℓ*, the loss from which on the displacement is at least λ.
func (b AscentBound) Target() float64 {
	r := math.Sqrt(float64(b.Values)*b.Loss) + b.Lambda
	return r * r / float64(b.Values)
}

// Steps is T. The numbers must be positive, the loss not negative, and the rate at most 1/L.
func (b AscentBound) Steps() (float64, error) {
	switch {
	case !(b.Loss >= 0) || b.Values < 1 || !(b.Lambda > 0):
		return 0, fmt.Errorf("ascent bound: loss %v, %d values, lambda %v: want a loss, at least one value, and a positive lambda",
			b.Loss, b.Values, b.Lambda)
	case !(b.Gradient > 0) || !(b.Smoothness > 0) || !(b.Rate > 0):
		return 0, fmt.Errorf("ascent bound: gradient %v, smoothness %v and rate %v must be positive", b.Gradient, b.Smoothness, b.Rate)
	case b.Rate > 1/b.Smoothness:
		return 0, fmt.Errorf("ascent bound: rate %v is above 1/L = %v: the loss need not rise; lower the rate", b.Rate, 1/b.Smoothness)
	}
	return math.Ceil(2 * (b.Target() - b.Loss) / (b.Rate * b.Gradient * b.Gradient)), nil
}
