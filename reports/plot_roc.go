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
	"github.com/lethe-audit/lethe/audit/stats"
)

// drawROC shows, one panel a model, how well forget images are told from test images at every false-positive rate, both
// axes logarithmic, as Carlini et al. (2022, arXiv 2112.03570) ask: an attack that is sure of a few images is one,
// whatever its average. The population attack scores by −error, LiRA by what the retrained models make of each image;
// thin lines are the retrained models, each against the others.
func drawROC(r *audit.Report) (*Drawing, error) {
	population, lira := draw.LineStyle{Color: vermilion, Width: 1.6}, draw.LineStyle{Color: blue, Width: 1.4}
	thin, chance := draw.LineStyle{Color: grey, Width: .5}, draw.LineStyle{Color: ink, Width: .5, Dashes: []vg.Length{2, 2}}
	g := panels{
		title:  "Telling forget images from test images: true-positive rate at every false-positive rate",
		across: 3, panel: [2]vg.Length{200, 170},
		key: []keyEntry{lineKey("by the error", population), lineKey("LiRA", lira), lineKey("LiRA on retrained models", thin), lineKey("chance", chance)},
	}
	oracles := r.Oracles()
	var null []plotter.XYs
	for k, o := range oracles {
		others := slices.Delete(slices.Clone(oracles), k, k+1)
		if xy := rocLiRA(o, others); xy != nil {
			null = append(null, xy)
		}
	}
	for i := range r.Subjects {
		s := &r.Subjects[i]
		if s.Role == audit.RoleOracle {
			continue
		}
		f, ok1 := holeErrors(s, audit.Forget)
		t, ok2 := holeErrors(s, audit.Test)
		if !ok1 || !ok2 {
			continue
		}
		p := newPlot()
		p.Title.Text = cut(s.Name, 30)
		p.X.Min, p.Y.Min = -math.Log10(float64(len(t.Values))), -math.Log10(float64(len(f.Values)))
		p.X.Max, p.Y.Max = 0, 0
		p.X.Tick.Marker, p.Y.Tick.Marker = powers{}, powers{}
		p.X.Label.Text, p.Y.Label.Text = "false-positive rate", "true-positive rate"
		lines := []styled{{diagonal(p), chance}}
		for _, xy := range null {
			lines = append(lines, styled{xy, thin})
		}
		for _, l := range append(lines, styled{rocLiRA(s, oracles), lira}, styled{roc(negative(f.Values), negative(t.Values)), population}) {
			if len(l.xy) == 0 {
				continue
			}
			line, err := plotter.NewLine(l.xy)
			if err != nil {
				return nil, fmt.Errorf("roc of %s: %w", s.Name, err)
			}
			line.LineStyle = l.style
			p.Add(line)
		}
		g.plots = append(g.plots, p)
	}
	if len(g.plots) == 0 {
		return nil, nil
	}
	return g.drawing(), nil
}

// styled is one line of a panel.
type styled struct {
	xy    plotter.XYs
	style draw.LineStyle
}

func diagonal(p *plot.Plot) plotter.XYs {
	from := max(p.X.Min, p.Y.Min)
	return plotter.XYs{{X: from, Y: from}, {}}
}

// rocLiRA is nil where there are too few oracles for a spread.
func rocLiRA(s *audit.Subject, oracles []*audit.Subject) plotter.XYs {
	scores := func(part audit.Part) []float64 {
		own, ok := holeErrors(s, part)
		if !ok || len(oracles) < 2 {
			return nil
		}
		others := make([][]float64, len(own.Values))
		for _, o := range oracles {
			x, ok := holeErrors(o, part)
			if !ok || len(x.Values) != len(others) {
				return nil
			}
			for j, v := range logScores(x.Values) {
				others[j] = append(others[j], v)
			}
		}
		z, err := stats.LiRAOneSided(logScores(own.Values), others, stats.Pooled)
		if err != nil {
			return nil
		}
		return z
	}
	f, t := scores(audit.Forget), scores(audit.Test)
	if f == nil || t == nil {
		return nil
	}
	return roc(f, t)
}

// holeErrors are the samples of the attack membership, or the metric's, which are the same numbers.
func holeErrors(s *audit.Subject, part audit.Part) (audit.Sample, bool) {
	if x, ok := s.Sample("reconstruction-error", "hole", part); ok {
		return x, true
	}
	return s.Sample("mse", "hole", part)
}

func logScores(errs []float64) []float64 {
	out := make([]float64, len(errs))
	for i, e := range errs {
		out[i] = -math.Log(max(e, 1e-12))
	}
	return out
}

func negative(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = -x
	}
	return out
}

// roc is the curve of decimal logarithms, from one image's rate on: below it there is nothing to see.
func roc(known, unseen []float64) plotter.XYs {
	thresholds := slices.Concat(known, unseen)
	slices.Sort(thresholds)
	slices.Reverse(thresholds)
	share := func(v []float64, least float64) float64 {
		n := 0
		for _, x := range v {
			if x >= least {
				n++
			}
		}
		return max(float64(n)/float64(len(v)), 1/float64(len(v)))
	}
	var out plotter.XYs
	for _, at := range slices.Compact(thresholds) {
		out = append(out, plotter.XY{X: math.Log10(share(unseen, at)), Y: math.Log10(share(known, at))})
	}
	return out
}
