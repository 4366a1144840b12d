package reports

import (
	"cmp"
	"fmt"
	"image/color"
	"slices"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
)

// drawCurves shows every named curve in a panel of its own, one line a model;
// training from scratch and unlearning, which differ in length, are apart.
// Retrained models share one grey; the calibrated displacement is a dotted line.
func drawCurves(r *audit.Report) (*Drawing, error) {
	var names [][2]string // of the curve, and the phase
	var lines []*audit.Subject
	for i := range r.Subjects {
		s := &r.Subjects[i]
		curves, err := curvesOf(s, audit.Along)
		if err != nil {
			return nil, err
		}
		for _, c := range curves {
			if k := [2]string{c.Name, phase(s)}; !slices.Contains(names, k) {
				names = append(names, k)
			}
		}
		if len(curves) > 0 {
			lines = append(lines, s)
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	slices.SortStableFunc(names, func(a, b [2]string) int { return cmp.Compare(a[1], b[1]) })
	styles, key := curveStyles(lines)
	threshold := draw.LineStyle{Color: ink, Width: .8, Dashes: []vg.Length{1, 2}}
	g := panels{title: "Along training and unlearning", key: key, across: 3, panel: [2]vg.Length{max(240, keyWidth(key)/3), 200}}
	lambda := false
	for _, name := range names {
		p := newPlot()
		p.Title.Text, p.X.Label.Text, p.Y.Label.Text = name[0]+" in "+name[1], "epochs", name[0]
		p.Y.Min = 0
		for i, s := range lines {
			for _, c := range s.Curves {
				if c.Kind != audit.Along || c.Name != name[0] || phase(s) != name[1] {
					continue
				}
				if err := addLine(p, points(c), styles[i]); err != nil {
					return nil, fmt.Errorf("curve %q of %s: %w", name[0], s.Name, err)
				}
			}
		}
		if name[0] == criteria.Displacement.Name && r.Lambda > 0 {
			p.Y.Max = max(p.Y.Max, r.Lambda*1.05)
			if err := addLine(p, plotter.XYs{{X: p.X.Min, Y: r.Lambda}, {X: p.X.Max, Y: r.Lambda}}, threshold); err != nil {
				return nil, fmt.Errorf("threshold: %w", err)
			}
			if !lambda {
				g.key = append(g.key, lineKey("λ", threshold))
			}
			lambda = true
		}
		g.plots = append(g.plots, p)
	}
	return g.drawing(), nil
}

func phase(s *audit.Subject) string {
	if s.Role == audit.RoleOriginal || s.Role == audit.RoleOracle {
		return "training"
	}
	return "unlearning"
}

// curveStyles gives each model a colour, and a dash where colours run out.
func curveStyles(lines []*audit.Subject) ([]draw.LineStyle, []keyEntry) {
	palette := []color.NRGBA{vermilion, blue, green, orange, purple, sky}
	dashes := [][]vg.Length{nil, {4, 2}, {1, 1.5}}
	styles := make([]draw.LineStyle, len(lines))
	var key []keyEntry
	next, oracle := 0, false
	for i, s := range lines {
		switch s.Role {
		case audit.RoleOriginal:
			styles[i] = draw.LineStyle{Color: ink, Width: 1.4}
		case audit.RoleOracle:
			styles[i] = draw.LineStyle{Color: grey, Width: .8}
			if oracle {
				continue
			}
			oracle = true
			key = append(key, lineKey("retrained", styles[i]))
			continue
		default:
			styles[i] = draw.LineStyle{Color: palette[next%len(palette)], Width: 1.4, Dashes: dashes[next/len(palette)%len(dashes)]}
			next++
		}
		key = append(key, lineKey(cut(s.Name, 24), styles[i]))
	}
	return styles, key
}

func keyWidth(key []keyEntry) vg.Length {
	text := newPlot().Title.TextStyle
	text.Font.Size = fontSize
	var w vg.Length
	for _, k := range key {
		w += 36 + text.Width(k.name)
	}
	return w + 60
}
