package reports

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
)

// drawErrors shows, one panel a model, the empirical distribution of the error
// per image on images to forget and on test images (logarithmic axis). Bands are
// the retrained models' lowest and highest distribution: a model that forgot
// keeps its solid line within its band, one that remembers has it further left.
func drawErrors(r *audit.Report) (*Drawing, error) {
	view := errorView(r)
	if view == "" {
		return nil, nil
	}
	parts := []audit.Part{audit.Test, audit.Forget}
	style := map[audit.Part]draw.LineStyle{
		audit.Forget: {Color: vermilion, Width: 1.6},
		audit.Test:   {Color: blue, Width: 1.2, Dashes: []vg.Length{4, 2}},
	}
	shade := map[audit.Part]color.Color{audit.Forget: faint(vermilion, 60), audit.Test: faint(blue, 50)}
	bands := map[audit.Part][][]float64{}
	lo, hi := math.Inf(1), math.Inf(-1)
	for i := range r.Subjects {
		for _, p := range parts {
			v := logErrors(&r.Subjects[i], view, p)
			if len(v) == 0 {
				continue
			}
			lo, hi = min(lo, v[0]), max(hi, v[len(v)-1])
			if r.Subjects[i].Role == audit.RoleOracle {
				bands[p] = append(bands[p], v)
			}
		}
	}
	g := panels{
		title:  fmt.Sprintf("Error per image (%s), and the verdict on membership", view),
		across: 3, panel: [2]vg.Length{200, 150},
		key: []keyEntry{
			lineKey("images to forget", style[audit.Forget]), lineKey("test images", style[audit.Test]),
			fillKey("and", shade[audit.Forget]), fillKey("the same of the retrained models", shade[audit.Test]),
		},
	}
	for i := range r.Subjects {
		s := &r.Subjects[i]
		if s.Role == audit.RoleOracle || len(logErrors(s, view, audit.Forget)) == 0 {
			continue
		}
		p := newPlot()
		p.Title.Text = cut(s.Name, 30)
		for _, v := range r.Of(s.Name) {
			if v.Criterion == "membership" {
				p.Title.Text = cut(s.Name, 22) + ": " + short(v.Outcome)
			}
		}
		p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = lo, hi, 0, 1
		p.X.Tick.Marker, p.Y.Tick.Marker = powers{}, plot.ConstantTicks{{Value: 0, Label: "0"}, {Value: .5, Label: "0.5"}, {Value: 1, Label: "1"}}
		p.X.Label.Text, p.Y.Label.Text = "mean squared error", "share of images"
		for _, part := range parts {
			if b := bands[part]; len(b) > 0 {
				poly, err := band(b, lo, hi)
				if err != nil {
					return nil, err
				}
				poly.Color = shade[part]
				poly.LineStyle.Width = 0
				p.Add(poly)
			}
		}
		for _, part := range parts {
			v := logErrors(s, view, part)
			if len(v) == 0 {
				continue
			}
			if err := addLine(p, steps(v, lo, hi), style[part]); err != nil {
				return nil, fmt.Errorf("errors of %s: %w", s.Name, err)
			}
		}
		g.plots = append(g.plots, p)
	}
	if len(g.plots) == 0 {
		return nil, nil
	}
	return g.drawing(), nil
}

// errorView is the painted region where any model's error was measured there, else the whole image, else empty.
func errorView(r *audit.Report) string {
	for _, view := range []string{audit.Hole, audit.Image} {
		for i := range r.Subjects {
			if len(logErrors(&r.Subjects[i], view, audit.Forget)) > 0 {
				return view
			}
		}
	}
	return ""
}

// logErrors is the sorted decimal logarithm of the errors per image; an error of
// zero counts as 1e-8, below what float32 pixels resolve.
func logErrors(s *audit.Subject, view string, p audit.Part) []float64 {
	x, ok := s.Sample(criteria.MSE.Name, view, p)
	if !ok {
		return nil
	}
	out := make([]float64, len(x.Values))
	for i, v := range x.Values {
		out[i] = math.Log10(max(v, 1e-8))
	}
	slices.Sort(out)
	return out
}

// steps is the empirical distribution function of sorted values from lo to hi.
func steps(v []float64, lo, hi float64) plotter.XYs {
	out := plotter.XYs{{X: lo, Y: 0}}
	for i, x := range v {
		out = append(out, plotter.XY{X: x, Y: float64(i) / float64(len(v))}, plotter.XY{X: x, Y: float64(i+1) / float64(len(v))})
	}
	return append(out, plotter.XY{X: hi, Y: 1})
}

// band is the area between the lowest and the highest of several distributions.
func band(vs [][]float64, lo, hi float64) (*plotter.Polygon, error) {
	xs := []float64{lo, hi}
	for _, v := range vs {
		xs = append(xs, v...)
	}
	slices.Sort(xs)
	var above, below plotter.XYs
	last := [2]float64{}
	for _, x := range xs {
		least, most := 1.0, 0.0
		for _, v := range vs {
			at, _ := slices.BinarySearchFunc(v, x, func(a, b float64) int {
				if a <= b {
					return -1
				}
				return 1
			})
			f := float64(at) / float64(len(v))
			least, most = min(least, f), max(most, f)
		}
		above = append(above, plotter.XY{X: x, Y: last[1]}, plotter.XY{X: x, Y: most})
		below = append(below, plotter.XY{X: x, Y: last[0]}, plotter.XY{X: x, Y: least})
		last = [2]float64{least, most}
	}
	slices.Reverse(below)
	poly, err := plotter.NewPolygon(append(above, below...))
	if err != nil {
		return nil, fmt.Errorf("band of the retrained models: %w", err)
	}
	return poly, nil
}

// powers labels an axis of decimal logarithms with the numbers themselves.
type powers struct{}

// Ticks puts a labelled tick at every power of ten, and one at 2 and 5 between.
func (powers) Ticks(lo, hi float64) []plot.Tick {
	var out []plot.Tick
	for e := math.Floor(lo); e <= math.Ceil(hi); e++ {
		for _, m := range []float64{1, 2, 3, 4, 5, 6, 7, 8, 9} {
			t := plot.Tick{Value: e + math.Log10(m)}
			if t.Value < lo || t.Value > hi {
				continue
			}
			if m == 1 || m == 3 && hi-lo < 3 {
				t.Label = fmt.Sprintf("%.4g", m*math.Pow(10, e))
			}
			out = append(out, t)
		}
	}
	return out
}
