package audittest

import (
	"fmt"
	"math"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/reports"
)

// Level of every interval that a metric is judged by.
const Level = 0.95

// Below asserts that a metric lies below a threshold with the whole of its 95 %
// interval: Student's over images, mean ± t·s/√n; for metrics of whole sets the
// full set's value ± t·sd over its resamples. It speaks of this model's images,
// not of other seeds of its method.
func (a *Audit) Below(model, quantity, view string, part audit.Part, threshold float64) *Audit {
	a.t.Helper()
	return a.threshold(model, quantity, view, part, threshold, "below", func(i interval) bool { return i.hi < threshold })
}

// Above is Below for the other side.
func (a *Audit) Above(model, quantity, view string, part audit.Part, threshold float64) *Audit {
	a.t.Helper()
	return a.threshold(model, quantity, view, part, threshold, "above", func(i interval) bool { return i.lo > threshold })
}

func (a *Audit) threshold(model, quantity, view string, part audit.Part, at float64, side string, holds func(interval) bool) *Audit {
	a.t.Helper()
	i := intervalOf(a.sample(model, quantity, view, part))
	if holds(i) {
		return a
	}
	look := "the value itself is on the wrong side: look at the model's pictures and its loss curve"
	if i.lo <= at && at <= i.hi {
		look = "undecided: the interval holds the threshold; more images would narrow it"
	}
	a.fail(model, fmt.Sprintf("%s, %s (%s) on %s: %s is not %s %.4g", model, quantity, view, part, i, side, at), []string{look})
	return a
}

// Better asserts that one model is better than another by a metric: the 95 %
// interval of the difference, paired image by image, lies on the better side of
// zero. Which side that is, [reports.Better] says; where nothing but likeness to
// the retrained models is good, the distances from their mean on each image are
// compared. Samples of another identity, of other images or of whole sets end
// the test: they cannot be paired.
func (a *Audit) Better(model, than, quantity, view string, part audit.Part) *Audit {
	a.t.Helper()
	x, y := a.sample(model, quantity, view, part), a.sample(than, quantity, view, part)
	if err := pairable(x, y); err != nil {
		require.FailNow(a.t, fmt.Sprintf("%s and %s cannot be paired: %v", model, than, err))
	}
	direction := reports.Better(x)
	xs, ys, words := x.Values, y.Values, fmt.Sprintf("%s − %s, %s is better", model, than, direction)
	if direction == audit.Neutral {
		centre, err := a.centre(x)
		if err != nil {
			require.FailNow(a.t, fmt.Sprintf("%s and %s cannot be compared: %v", model, than, err))
		}
		xs, ys = distances(xs, centre), distances(ys, centre)
		words = fmt.Sprintf("distance from the retrained models' mean, %s − %s, lower is better", model, than)
	}
	diff := audit.Sample{Unit: audit.PerImage, Values: make([]float64, len(xs))}
	for i := range xs {
		diff.Values[i] = xs[i] - ys[i]
	}
	d := intervalOf(diff)
	if better := d.hi < 0; direction != audit.Higher && better {
		return a
	}
	if better := d.lo > 0; direction == audit.Higher && better {
		return a
	}
	look := "the difference has the wrong sign"
	if d.lo <= 0 && d.hi >= 0 {
		look = "undecided: the interval holds zero; more images would narrow it"
	}
	a.fail(model, fmt.Sprintf("%s is not shown better than %s by %s (%s) on %s: %s (%s)", model, than, quantity, view, part, d, words),
		[]string{look}, than)
	return a
}

// centre is the retrained models' mean on each image of x.
func (a *Audit) centre(x audit.Sample) ([]float64, error) {
	oracles := a.Report.Oracles()
	if len(oracles) == 0 {
		return nil, fmt.Errorf("the report has no retrained models")
	}
	out := make([]float64, len(x.Values))
	for _, o := range oracles {
		y, ok := o.Sample(x.Quantity, x.View, x.Part)
		if !ok {
			return nil, fmt.Errorf("%s has no sample %s", o.Name, x.Key())
		}
		if err := pairable(x, y); err != nil {
			return nil, fmt.Errorf("%s: %w", o.Name, err)
		}
		for i, v := range y.Values {
			out[i] += v / float64(len(oracles))
		}
	}
	return out, nil
}

func pairable(x, y audit.Sample) error {
	switch {
	case x.Unit != audit.PerImage || y.Unit != audit.PerImage:
		return fmt.Errorf("%s has one value for a whole set, not one an image: use Below or Above", x.Key())
	case x.Identity != y.Identity:
		return fmt.Errorf("%s was computed differently: %q and %q", x.Key(), x.Identity, y.Identity)
	case len(x.Values) != len(y.Values) || len(x.Index) != len(y.Index):
		return fmt.Errorf("%s has %d and %d values", x.Key(), len(x.Values), len(y.Values))
	}
	for i := range x.Index {
		if x.Index[i] != y.Index[i] {
			return fmt.Errorf("%s: value %d belongs to images %d and %d", x.Key(), i, x.Index[i], y.Index[i])
		}
	}
	return nil
}

func distances(v, centre []float64) []float64 {
	out := make([]float64, len(v))
	for i := range v {
		out[i] = math.Abs(v[i] - centre[i])
	}
	return out
}

// An interval is an estimate with its 95 % interval.
type interval struct {
	estimate, lo, hi float64
	from             string // what it rests on
}

func (i interval) String() string {
	return fmt.Sprintf("%.4g [%.4g, %.4g] at 95 %%, %s", i.estimate, i.lo, i.hi, i.from)
}

// intervalOf is exact where nothing varies; of a single value it is unbounded.
func intervalOf(s audit.Sample) interval {
	n, what := len(s.Values), "images"
	if s.Unit == audit.PerResample {
		n, what = n-1, "resamples"
	}
	i := interval{estimate: s.Mean(), from: fmt.Sprintf("%d %s", n, what)}
	if n < 2 {
		i.lo, i.hi = math.Inf(-1), math.Inf(1)
		return i
	}
	i.lo, i.hi = i.estimate, i.estimate
	if se := s.SE(); se > 0 {
		half := se * distuv.StudentsT{Sigma: 1, Nu: float64(n - 1)}.Quantile((1+Level)/2)
		i.lo, i.hi = i.estimate-half, i.estimate+half
	}
	return i
}
