package reports

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"

	"github.com/lethe-audit/lethe/audit"
)

// curvesOf are a subject's curves of one kind. One that cannot be drawn is an error.
func curvesOf(s *audit.Subject, kind audit.CurveKind) ([]audit.Curve, error) {
	var out []audit.Curve
	for _, c := range s.Curves {
		if c.Kind != kind {
			continue
		}
		if len(c.X) == 0 || len(c.X) != len(c.Y) {
			return nil, fmt.Errorf("curve %q of %s has %d abscissas and %d ordinates", c.Name, s.Name, len(c.X), len(c.Y))
		}
		for i := range c.X {
			if kind == audit.ROC && (!rate(c.X[i]) || !rate(c.Y[i])) {
				return nil, fmt.Errorf("curve %q of %s has the rates %g and %g: want them above 0, up to 1, for logarithmic axes",
					c.Name, s.Name, c.X[i], c.Y[i])
			}
		}
		out = append(out, c)
	}
	return out, nil
}

func rate(v float64) bool { return v > 0 && v <= 1 }

func points(c audit.Curve) plotter.XYs {
	xy := make(plotter.XYs, len(c.X))
	for i := range c.X {
		xy[i] = plotter.XY{X: c.X[i], Y: c.Y[i]}
	}
	return xy
}

// addLine draws one line into a plot.
func addLine(p *plot.Plot, xy plotter.XYs, style draw.LineStyle) error {
	l, err := plotter.NewLine(xy)
	if err != nil {
		return err
	}
	l.LineStyle = style
	p.Add(l)
	return nil
}
