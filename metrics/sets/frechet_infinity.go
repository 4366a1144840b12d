package sets

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/embeddings"
)

// InfinityOptions say how FrechetInfinity extrapolates. The zero value is the authors' choice where it is possible.
type InfinityOptions struct {
	Points   int    // sizes of subsets, at least 3; 0 for 15 (mchong6/FID_IS_infinity, score_infinity.py: num_points)
	Smallest int    // the smallest size; 0 for a tenth of the set (there 5000 of 50000), but no less than 2d if n ≥ 4d
	Seed     uint64 // of the subsets
}

// Infinity is an extrapolated distance, and what it was fitted to.
type Infinity struct {
	Value     float64   // the intercept: the distance that an unlimited set of the same images' kind would have
	StdErr    float64   // the standard error of the intercept in the fit
	Slope     float64   // of the distance in 1/n: how biased it is
	Sizes     []int     // of the subsets, ascending; the last is the whole set
	Distances []float64 // of the subsets
}

// FrechetInfinity is FID∞ (Chong & Forsyth 2020, "Effectively Unbiased FID and Inception Score", section 4): the
// Fréchet distance is biased upwards by about a constant over n; seeded subsets of n generated embeddings, drawn
// without repetition, at sizes spaced evenly up to the whole set, are compared with the whole reference, and a line
// through (1/n, distance), by least squares, is read off at 1/n = 0. Unit and direction are Frechet's; unlike a
// distance, the value can be below 0.
//
// What the finite reference adds is not taken out. The standard error is the line's: subsets of one set overlap, so it
// says how well the points lie on a line, not what another set of images would give.
//
// The line bends where n comes near d: with n < 4d take the value as a hint. A set too small for its points is an error.
func FrechetInfinity(reference *Moments, generated *mat.Dense, o InfinityOptions) (*Infinity, error) {
	const name = "fréchet distance at infinity"
	n, d, err := embeddings.Check("generated set", generated)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	ref, err := fromMoments(reference)
	if err != nil {
		return nil, fmt.Errorf("%s: reference: %w", name, err)
	}
	if o, err = o.settle(n, d); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	out := &Infinity{}
	for k := range o.Points {
		size := o.Smallest + (n-o.Smallest)*k/(o.Points-1)
		r := rand.New(rand.NewPCG(audit.Seed(o.Seed, "frechet-infinity"), uint64(k)))
		subset, err := fromRows(generated, r.Perm(n)[:size])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		v, err := frechet(ref, subset)
		if err != nil {
			return nil, fmt.Errorf("%s: %d of %d embeddings: %w", name, size, n, err)
		}
		out.Sizes, out.Distances = append(out.Sizes, size), append(out.Distances, v)
	}
	out.fitLine()
	return out, nil
}

// settle fills in the defaults.
func (o InfinityOptions) settle(n, d int) (InfinityOptions, error) {
	if o.Points == 0 {
		o.Points = 15
	}
	if o.Smallest == 0 {
		o.Smallest = max(2, n/10)
		if n >= 4*d {
			o.Smallest = max(o.Smallest, 2*d)
		}
	}
	var errs []error
	if o.Points < 3 {
		errs = append(errs, fmt.Errorf("%d points: a line and its error need at least 3", o.Points))
	}
	if o.Smallest < 2 {
		errs = append(errs, fmt.Errorf("smallest subset of %d embeddings: at least 2 are needed", o.Smallest))
	}
	if n-o.Smallest < o.Points-1 {
		errs = append(errs, fmt.Errorf("%d embeddings do not give %d sizes from %d on: give more embeddings, or fewer points", n,
			o.Points, o.Smallest))
	}
	return o, errors.Join(errs...)
}

// fromRows is the gaussian of some rows, without copying all of them where they are many.
func fromRows(x *mat.Dense, rows []int) (*gaussian, error) {
	_, d := x.Dims()
	if len(rows) <= d {
		return fromFeatures(embeddings.Pick(x, rows))
	}
	var m Moments
	for ; len(rows) > 0; rows = rows[min(momentsBlock, len(rows)):] {
		if err := m.Update(embeddings.Pick(x, rows[:min(momentsBlock, len(rows))])); err != nil {
			return nil, err
		}
	}
	return fromMoments(&m)
}

// fitLine is ordinary least squares of the distances in x = 1/n.
func (f *Infinity) fitLine() {
	m := float64(len(f.Sizes))
	var mx, my float64
	for i, n := range f.Sizes {
		mx += 1 / float64(n) / m
		my += f.Distances[i] / m
	}
	var xx, xy float64
	for i, n := range f.Sizes {
		x := 1/float64(n) - mx
		xx += x * x
		xy += x * (f.Distances[i] - my)
	}
	f.Slope = xy / xx
	f.Value = my - f.Slope*mx
	rest := 0.0
	for i, n := range f.Sizes {
		e := f.Distances[i] - f.Value - f.Slope/float64(n)
		rest += e * e
	}
	f.StdErr = math.Sqrt(rest / (m - 2) * (1/m + mx*mx/xx))
}
