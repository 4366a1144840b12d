package reports

import (
	"cmp"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/lethe-audit/lethe/audit"
)

// drawForest shows, one panel a finding, each model's estimate with its interval
// over the declared margin (shaded) and the range of the retrained models
// against each other (darker). Estimates outside the panel become arrows.
func drawForest(r *audit.Report) (*Drawing, error) {
	var rows []string
	for _, s := range r.Subjects {
		if len(r.Of(s.Name)) > 0 {
			rows = append(rows, s.Name)
		}
	}
	var found []*forest
	index := map[[2]string]*forest{}
	for _, v := range r.Verdicts {
		for _, f := range v.Findings {
			k := [2]string{v.Criterion, f.Name}
			if index[k] == nil {
				index[k] = &forest{criterion: v.Criterion, rows: rows}
				found = append(found, index[k])
			}
			index[k].points = append(index[k].points, point{v.Subject, v.Outcome, f})
		}
	}
	if len(found) == 0 {
		return nil, nil
	}
	dot := func(o audit.Outcome) keyEntry {
		return keyEntry{o.String(), func(c draw.Canvas, r vg.Rectangle) {
			mid := vg.Point{X: (r.Min.X + r.Max.X) / 2, Y: (r.Min.Y + r.Max.Y) / 2}
			c.StrokeLine2(draw.LineStyle{Color: outcomeColor(o), Width: 1.2}, r.Min.X, mid.Y, r.Max.X, mid.Y)
			glyph(c, o, mid)
		}}
	}
	g := panels{
		title:  "Difference from the retrained models, by criterion (colour: the criterion's verdict)",
		across: 2, panel: [2]vg.Length{330, 56 + 15*vg.Length(len(rows))},
		key: []keyEntry{dot(audit.Pass), dot(audit.Fail), dot(audit.Inconclusive),
			fillKey("within the margin", pale), fillKey("retrained models against each other", faint(grey, 140))},
	}
	for _, f := range found {
		g.plots = append(g.plots, f.plot())
	}
	return g.drawing(), nil
}

type point struct {
	subject string
	outcome audit.Outcome
	audit.Finding
}

// A forest is one panel; it is a plot.Plotter.
type forest struct {
	criterion string
	rows      []string
	points    []point
	limit     float64
}

func (f *forest) plot() *plot.Plot {
	first := f.points[0].Finding
	for _, p := range f.points {
		reach := max(math.Abs(p.NullLo), math.Abs(p.NullHi), p.Margin) * 4
		f.limit = max(f.limit, reach)
	}
	p := newPlot()
	p.Title.Text = cut(f.criterion+": "+first.Name, 56)
	p.X.Label.Text = cmp.Or(first.Scale, "difference")
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = -f.limit, f.limit, -.6, float64(len(f.rows))-.4
	var ticks plot.ConstantTicks
	for i, name := range f.rows {
		ticks = append(ticks, plot.Tick{Value: f.y(i), Label: cut(name, 22)})
	}
	p.Y.Tick.Marker, p.Y.Tick.Length, p.Y.LineStyle.Width = ticks, 0, 0
	p.Add(f)
	return p
}

// y puts the first row on top.
func (f *forest) y(row int) float64 { return float64(len(f.rows) - 1 - row) }

// Plot draws the panel.
func (f *forest) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	first := f.points[0].Finding
	lo, hi := -first.Margin, first.Margin
	switch first.Sides {
	case "above":
		lo = -f.limit
	case "below":
		hi = f.limit
	}
	c.FillPolygon(pale, corners(vg.Rectangle{Min: vg.Point{X: tx(lo), Y: c.Min.Y}, Max: vg.Point{X: tx(hi), Y: c.Max.Y}}))
	c.StrokeLine2(draw.LineStyle{Color: color.White, Width: 1}, tx(0), c.Min.Y, tx(0), c.Max.Y)
	for i, name := range f.rows {
		for _, q := range f.points {
			if q.subject == name {
				f.row(c, p, q, tx, ty(f.y(i)))
			}
		}
	}
}

func (f *forest) row(c draw.Canvas, p *plot.Plot, q point, tx func(float64) vg.Length, y vg.Length) {
	inside := func(v float64) vg.Length { return tx(min(max(v, -f.limit), f.limit)) }
	c.FillPolygon(faint(grey, 140), corners(vg.Rectangle{Min: vg.Point{X: inside(q.NullLo), Y: y - 5},
		Max: vg.Point{X: inside(q.NullHi), Y: y + 5}}))
	ink := outcomeColor(q.outcome)
	line := draw.LineStyle{Color: ink, Width: 1.2}
	if math.Abs(q.Estimate) <= f.limit {
		if q.Level > 0 {
			c.StrokeLine2(line, inside(q.Lo), y, inside(q.Hi), y)
		}
		glyph(c, q.outcome, vg.Point{X: tx(q.Estimate), Y: y})
		return
	}
	text := p.X.Tick.Label
	text.Color, text.YAlign = ink, draw.YCenter
	side, edge := vg.Length(1), tx(f.limit)
	text.XAlign = draw.XRight
	if q.Estimate < 0 {
		side, edge, text.XAlign = -1, tx(-f.limit), draw.XLeft
	}
	c.FillPolygon(ink, []vg.Point{{X: edge, Y: y}, {X: edge - side*6, Y: y + 3.5}, {X: edge - side*6, Y: y - 3.5}})
	c.FillText(text, vg.Point{X: edge - side*9, Y: y}, together(q.Estimate, q.Lo, q.Hi)[0])
}

func outcomeColor(o audit.Outcome) color.NRGBA {
	switch o {
	case audit.Pass:
		return green
	case audit.Fail:
		return vermilion
	}
	return ink
}

// glyph marks an outcome by shape too, for readers without colour.
func glyph(c draw.Canvas, o audit.Outcome, at vg.Point) {
	s := draw.GlyphStyle{Color: outcomeColor(o), Radius: 3}
	switch o {
	case audit.Pass:
		s.Shape = draw.CircleGlyph{}
	case audit.Fail:
		s.Shape = draw.BoxGlyph{}
	default:
		c.FillPolygon(color.White, corners(vg.Rectangle{Min: vg.Point{X: at.X - 2, Y: at.Y - 2}, Max: vg.Point{X: at.X + 2, Y: at.Y + 2}}))
		s.Shape = draw.RingGlyph{}
	}
	c.DrawGlyph(s, at)
}
