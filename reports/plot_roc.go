package reports

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/lethe-audit/lethe/audit"
)

// drawROC shows, one panel a model, how well forget images are told from test images at every false-positive rate, both
// axes logarithmic, as Carlini et al. (2022, arXiv 2112.03570) ask: an attack that is sure of a few images is one,
// whatever its average. Thin lines are the retrained models, each against the others.
func drawROC(r *audit.Report) (*Drawing, error) {
	thin := draw.LineStyle{Color: grey, Width: .5}
	chance := draw.LineStyle{Color: ink, Width: .5, Dashes: []vg.Length{2, 2}}
	styles := []draw.LineStyle{{Color: vermilion, Width: 1.6}, {Color: blue, Width: 1.4}, {Color: green, Width: 1.4}}
	g := panels{
		title:  "Telling forget images from test images: true-positive rate at every false-positive rate",
		across: 3, panel: [2]vg.Length{200, 170},
	}
	var null []audit.Curve
	for _, o := range r.Oracles() {
		c, err := curvesOf(o, audit.ROC)
		if err != nil {
			return nil, err
		}
		null = append(null, c...)
	}
	var names []string // of curves, in the order of styles
	for i := range r.Subjects {
		s := &r.Subjects[i]
		own, err := curvesOf(s, audit.ROC)
		if err != nil {
			return nil, err
		}
		if s.Role == audit.RoleOracle || len(own) == 0 {
			continue
		}
		names = withNames(names, own)
		p := rocPlot(s.Name, own)
		lines := []styled{{diagonal(p), chance}}
		for _, c := range null {
			lines = append(lines, styled{logarithmic(c), thin})
		}
		for _, c := range slices.Backward(own) { // the first on top
			lines = append(lines, styled{logarithmic(c), styles[slices.Index(names, c.Name)%len(styles)]})
		}
		for _, l := range lines {
			if err := addLine(p, l.xy, l.style); err != nil {
				return nil, fmt.Errorf("roc of %s: %w", s.Name, err)
			}
		}
		g.plots = append(g.plots, p)
	}
	if len(g.plots) == 0 {
		return nil, nil
	}
	for i, name := range names {
		g.key = append(g.key, lineKey(name, styles[i%len(styles)]))
	}
	for _, name := range withNames(nil, null) {
		g.key = append(g.key, lineKey(name+" on retrained models", thin))
	}
	g.key = append(g.key, lineKey("chance", chance))
	return g.drawing(), nil
}

// styled is one line of a panel.
type styled struct {
	xy    plotter.XYs
	style draw.LineStyle
}

// withNames adds the names of curves that are not there yet.
func withNames(names []string, curves []audit.Curve) []string {
	for _, c := range curves {
		if !slices.Contains(names, c.Name) {
			names = append(names, c.Name)
		}
	}
	return names
}

// rocPlot is an empty panel whose axes begin at the least rates of the curves.
func rocPlot(name string, curves []audit.Curve) *plot.Plot {
	p := newPlot()
	p.Title.Text = cut(name, 30)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 0, 0, 0
	for _, c := range curves {
		for _, at := range logarithmic(c) {
			p.X.Min, p.Y.Min = min(p.X.Min, at.X), min(p.Y.Min, at.Y)
		}
	}
	p.X.Tick.Marker, p.Y.Tick.Marker = powers{}, powers{}
	p.X.Label.Text, p.Y.Label.Text = "false-positive rate", "true-positive rate"
	return p
}

func diagonal(p *plot.Plot) plotter.XYs {
	from := max(p.X.Min, p.Y.Min)
	return plotter.XYs{{X: from, Y: from}, {}}
}

// logarithmic are a curve's points in decimal logarithms.
func logarithmic(c audit.Curve) plotter.XYs {
	xy := points(c)
	for i := range xy {
		xy[i].X, xy[i].Y = math.Log10(xy[i].X), math.Log10(xy[i].Y)
	}
	return xy
}
