package power

import "math"

// Most retrained models, and times the images, beyond which advice is no advice.
const (
	MostOracles = 48
	MostImages  = 8
)

// multiples of the images that are tried.
var multiples = []float64{1, 1.5, 2, 3, 4, 6, 8}

// A Size is an audit at which an honest model would PASS with the probability asked for.
type Size struct {
	Prediction
	Cost float64 // of the original and the oracles, in multiples of one training on today's images
}

// counts are numbers of oracles that are tried, from the pilot's on.
func (p *Pilot) counts(most int) []int {
	var out []int
	for k := p.Oracles; k <= most; k += 1 + k/8 {
		out = append(out, k)
	}
	return out
}

// Sizes lists, by multiples of the images, the fewest oracles that suffice; a multiple
// with which they do not suffice is left out, and so is one that costs more than fewer
// images do and needs as many oracles.
func (p *Pilot) Sizes(target float64) []Size {
	var out []Size
	fewest := math.MaxInt
	for _, f := range multiples {
		for _, k := range p.counts(min(MostOracles, fewest-1)) {
			if x := p.Predict(k, f); x.Overall >= target {
				out = append(out, Size{x, f * float64(1+k)})
				fewest = k
				break
			}
		}
	}
	return out
}

// Alone is what one comparison needs by itself, where the others are no matter.
type Alone struct {
	Oracles int     // with today's images; 0 where no number below [MostOracles] suffices
	Images  float64 // with today's oracles; 0 where no multiple up to [MostImages] suffices
}

// Each says of every comparison what it needs by itself.
func (p *Pilot) Each(target float64) []Alone {
	out := make([]Alone, len(p.Comparisons))
	for _, k := range p.counts(MostOracles) {
		for c, x := range p.Predict(k, 1).Comparisons {
			if out[c].Oracles == 0 && x >= target {
				out[c].Oracles = k
			}
		}
	}
	for _, f := range multiples {
		for c, x := range p.Predict(p.Oracles, f).Comparisons {
			if out[c].Images == 0 && x >= target {
				out[c].Images = f
			}
		}
	}
	return out
}

// Next is how many oracles an audit should go on to: the fewest that are predicted to
// suffice, at least one more than there are, and at most most. enough says that those
// there are suffice.
func (p *Pilot) Next(target float64, most int) (next int, enough bool) {
	if p.Predict(p.Oracles, 1).Overall >= target {
		return p.Oracles, true
	}
	for k := p.Oracles + 1; k < most; k++ {
		if p.Predict(k, 1).Overall >= target {
			return k, false
		}
	}
	return max(most, p.Oracles), false
}
