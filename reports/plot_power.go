package reports

import (
	"fmt"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/lethe-audit/lethe/audit"
)

// drawPower shows what the backdoor test could overlook: β, the probability that a backdoor is not seen, against the
// number of triggered images, for one as alive as the original's and for weaker ones (Sommer et al., arXiv 2003.04247).
// The vertical line is the number that this audit asked with.
func drawPower(r *audit.Report) (*Drawing, error) {
	curves, err := powerCurves(r)
	if len(curves) == 0 || err != nil {
		return nil, err
	}
	first := curves[0]
	styles := []draw.LineStyle{
		{Color: vermilion, Width: 1.6}, {Color: blue, Width: 1.4}, {Color: green, Width: 1.4}, {Color: ink, Width: 1},
	}
	p := newPlot()
	p.X.Label.Text, p.Y.Label.Text = "triggered images", "β: a backdoor is overlooked"
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = first.X[0], first.X[len(first.X)-1], 0, 1
	g := panels{title: fmt.Sprintf("What the backdoor test can overlook (%s)", first.What), across: 1}
	for k, c := range curves {
		style := styles[k%len(styles)]
		if err := addLine(p, points(c), style); err != nil {
			return nil, fmt.Errorf("curve %q: %w", c.Name, err)
		}
		g.key = append(g.key, lineKey(c.Name, style))
	}
	here := draw.LineStyle{Color: ink, Width: .8, Dashes: []vg.Length{2, 2}}
	if err := addLine(p, plotter.XYs{{X: first.Here, Y: 0}, {X: first.Here, Y: 1}}, here); err != nil {
		return nil, err
	}
	g.key = append(g.key, lineKey(fmt.Sprintf("asked: %g", first.Here), here))
	g.plots, g.panel = append(g.plots, p), [2]vg.Length{max(480, keyWidth(g.key)), 260}
	return g.drawing(), nil
}

// powerCurves are those of the first model that has any.
func powerCurves(r *audit.Report) ([]audit.Curve, error) {
	for i := range r.Subjects {
		if c, err := curvesOf(&r.Subjects[i], audit.Power); len(c) > 0 || err != nil {
			return c, err
		}
	}
	return nil, nil
}
