package power

import (
	"math"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit/stats"
)

// draws is how many audits are simulated for one probability, whose standard error is at most 0.011, and 0.005 at 0.95.
const draws = 2000

// A Prediction is how probably an honest model would PASS.
type Prediction struct {
	Oracles     int
	Images      float64 // their number over the pilot's
	Overall     float64 // by every comparison
	Comparisons []float64
}

// Predict simulates audits of an honest model with a number of oracles and a number of
// images, in multiples of the pilot's, of forget and of test images alike.
//
// Oracles and subject are drawn alike, from a normal law with the covariance of the
// pilot's oracles over comparisons, so that what goes together in them does here. Of the
// variance SD² of a comparison v = Image² is made by images, and is well known: it falls
// as their number f, and takes the place of an SD² below it. The rest is known from few
// models: every audit multiplies it by a draw of ν/χ²_ν, ν = K − 1 of the pilot, as one
// would who starts from no opinion (the posterior of a normal variance), so that few
// retrained models promise little. Then each comparison is judged at level α, as
// [criteria.Judge] does.
func (p *Pilot) Predict(oracles int, images float64) Prediction {
	out := Prediction{Oracles: oracles, Images: images, Comparisons: make([]float64, len(p.Comparisons))}
	rng := rand.New(rand.NewPCG(0x6c65746865, 0x706f776572))
	for range draws {
		if p.draw(rng, oracles, images, func(c int) { out.Comparisons[c] += 1. / draws }) {
			out.Overall += 1. / draws
		}
	}
	return out
}

// draw simulates one audit, says which comparisons PASS, and whether all do.
func (p *Pilot) draw(rng *rand.Rand, oracles int, images float64, passed func(c int)) bool {
	var chi float64
	for range p.Oracles - 1 {
		x := rng.NormFloat64()
		chi += x * x
	}
	nu := float64(p.Oracles - 1)
	weights := make([][]float64, oracles+1) // the subject's first
	for m := range weights {
		weights[m] = make([]float64, p.Oracles)
		for k := range weights[m] {
			weights[m][k] = rng.NormFloat64() / math.Sqrt(nu)
		}
	}
	all := true
	means := make([]float64, oracles+1)
	for c := range p.Comparisons {
		s := &p.Comparisons[c]
		scale := s.scaled(images, nu/chi)
		for m := range means {
			means[m] = 0
			for k, row := range s.rows {
				means[m] += scale * weights[m][k] * row
			}
		}
		if s.Powered && s.passes(means[0], means[1:], images, p.Alpha) {
			passed(c)
		} else {
			all = false
		}
	}
	return all
}

// scaled is what deviations are multiplied by, with the images and with what the variance that they do not make is taken for.
func (s *Spread) scaled(images, seeds float64) float64 {
	if s.Exact || s.SD == 0 {
		return math.Sqrt(seeds)
	}
	v := s.Image * s.Image
	return math.Sqrt(max(0, s.SD*s.SD-v)*seeds+v/images) / s.SD
}

// passes judges one drawn subject by the oracles that were drawn with it.
func (s *Spread) passes(subject float64, oracles []float64, images, alpha float64) bool {
	if s.Exact {
		return s.mean*math.Sqrt(images)+subject > quantile(alpha)
	}
	k := float64(len(oracles))
	mean, variance := 0.0, 0.0
	for _, x := range oracles {
		mean += x / k
	}
	for _, x := range oracles {
		variance += (x - mean) * (x - mean) / (k - 1) / k
	}
	image := s.Image * s.Image / images * (1 + 1/k)
	e := stats.Effect{Estimate: subject - mean, SE: math.Sqrt(image + variance), Images: max(2, int(float64(s.Images)*images)),
		Seeds: len(oracles)}
	if total := image + variance; total > 0 {
		e.DF = total * total / (image*image/float64(e.Images-1) + variance*variance/(k-1))
	}
	return s.region.Test(e).PEquivalent < alpha
}
