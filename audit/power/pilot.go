// Package power says how large an audit must be: with which probability an honest
// model would PASS, by the spread of the retrained models that there are, and with
// more of them, or more images. It looks at the original and the retrained models
// alone, never at a subject: what is decided by it spends no α.
package power

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/audit/stats"
)

// A Pilot is what is known of honest models before anybody is judged.
type Pilot struct {
	Oracles     int
	Alpha       float64
	Comparisons []Spread
}

// A Spread is how one comparison comes out among honest models.
type Spread struct {
	Criterion, Name string
	Margin          float64
	Powered         bool // else no model can PASS by it, however many there are
	// SD is that of honest models' means; Image the part of it that images make, which shrinks with their number.
	SD, Image float64
	Images    int
	Exact     bool // the comparison's evidence is counted, and no effect: what varies is the normal quantile of its p-value

	region stats.Region
	mean   float64   // of the quantiles
	rows   []float64 // by retrained model: its deviation from their mean
}

// Of takes the pilot from an audit's subjects.
//
// Each oracle is held against the others. With m̄ₖ the mean of oracle k over images, its
// effect is (m̄ₖ − m̄)·K/(K−1), which gives the deviations; the image part of its standard
// error, squared, is v·(1 + 1/(K−1)) with v the variance that images leave in one model's
// mean, which is a part of what the means vary by: SD² = Var m̄ₖ ≥ v in expectation.
func Of(family []criteria.Named, subjects []*audit.Subject, alpha float64) (*Pilot, error) {
	held, err := criteria.HoldOut(family, subjects, alpha)
	if err != nil {
		return nil, fmt.Errorf("power: %w", err)
	}
	p := &Pilot{Alpha: alpha}
	for _, s := range subjects {
		if s.Role == audit.RoleOracle {
			p.Oracles++
		}
	}
	k := float64(p.Oracles)
	for len(held) > 0 {
		first := held[0]
		same := func(h criteria.HeldOut) bool { return h.Criterion == first.Criterion && h.Name == first.Name }
		s := Spread{Criterion: first.Criterion, Name: first.Name, Margin: first.Margin, Powered: first.Powered,
			Images: first.Effect.Images, region: first.Region, Exact: first.Exact != nil}
		moot, image := 0, 0.0
		for _, h := range held {
			switch {
			case !same(h):
				continue
			case s.Exact:
				s.rows = append(s.rows, quantile(h.PEqual()))
			default:
				s.rows = append(s.rows, h.Effect.Estimate*(k-1)/k)
				image += h.Effect.ImageSE * h.Effect.ImageSE / (1 + 1/(k-1)) / k
			}
			s.Powered = s.Powered || h.Powered // one for which it is moot says nothing of the others
			if h.Moot != "" {
				moot++
			}
		}
		held = slices.DeleteFunc(held, same)
		if 2*moot >= len(s.rows) {
			continue
		}
		if len(s.rows) != p.Oracles {
			return nil, fmt.Errorf("power: %s, %s: %d of %d retrained models have it", s.Criterion, s.Name, len(s.rows), p.Oracles)
		}
		s.centre()
		s.Image = math.Sqrt(image)
		p.Comparisons = append(p.Comparisons, s)
	}
	if len(p.Comparisons) == 0 {
		return nil, fmt.Errorf("power: no criterion of the plan applies to its retrained models")
	}
	return p, nil
}

// Seeds is the standard deviation of honest models' means that images do not make; 0 where images make all of it.
func (s *Spread) Seeds() float64 { return math.Sqrt(max(0, s.SD*s.SD-s.Image*s.Image)) }

// centre takes the mean off the rows, and their standard deviation.
func (s *Spread) centre() {
	n := float64(len(s.rows))
	mean, squares := 0.0, 0.0
	for _, x := range s.rows {
		mean += x / n
	}
	for i := range s.rows {
		s.rows[i] -= mean
		squares += s.rows[i] * s.rows[i]
	}
	s.SD = math.Sqrt(squares / (n - 1))
	if s.Exact {
		s.mean = mean
	}
}

// quantile is the normal quantile of an exact p-value: what it would be the one-sided p of, at most 8 of either sign.
func quantile(p float64) float64 {
	if !(p > 0) {
		return 8
	}
	return max(-8, min(8, -mathext.NormalQuantile(min(p, 1))))
}
