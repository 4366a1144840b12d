package reports

import (
	"encoding/json"
	"fmt"
	"math"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
)

// drawPower shows what the backdoor test could overlook: β, the probability that a backdoor is not seen, against the
// number of triggered images, for one as alive as the original's and for weaker ones (Sommer et al., arXiv 2003.04247,
// as [stats.BackdoorTest]). The vertical line is the number that this audit asked with.
func drawPower(r *audit.Report) (*Drawing, error) {
	test, ok, err := backdoorTest(r)
	if !ok || err != nil {
		return nil, err
	}
	asked := test.N
	most := max(2*asked, 60)
	styles := []draw.LineStyle{{Color: vermilion, Width: 1.6}, {Color: blue, Width: 1.4}, {Color: green, Width: 1.4}, {Color: ink, Width: 1}}
	p := newPlot()
	p.X.Label.Text, p.Y.Label.Text = "triggered images", "β: a backdoor is overlooked"
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 1, float64(most), 0, 1
	g := panels{title: fmt.Sprintf("What the backdoor test can overlook (α = %g, retrained models succeed in %g)", test.Alpha, test.Q), across: 1}
	for k, alive := range weaker(test.P) {
		test.P = alive
		var xy plotter.XYs
		for test.N = 1; test.N <= most; test.N++ {
			power, err := test.Solve()
			if err != nil {
				return nil, err
			}
			xy = append(xy, plotter.XY{X: float64(test.N), Y: power.Beta})
		}
		l, err := plotter.NewLine(xy)
		if err != nil {
			return nil, err
		}
		l.LineStyle = styles[k]
		p.Add(l)
		name := fmt.Sprintf("succeeds in %.3g", alive)
		if k == 0 {
			name += " (the original's)"
		}
		g.key = append(g.key, lineKey(name, styles[k]))
	}
	here := draw.LineStyle{Color: ink, Width: .8, Dashes: []vg.Length{2, 2}}
	l, err := plotter.NewLine(plotter.XYs{{X: float64(asked), Y: 0}, {X: float64(asked), Y: 1}})
	if err != nil {
		return nil, err
	}
	l.LineStyle = here
	p.Add(l)
	g.key = append(g.key, lineKey(fmt.Sprintf("asked: %d", asked), here))
	g.plots, g.panel = append(g.plots, p), [2]vg.Length{max(480, keyWidth(g.key)), 260}
	return g.drawing(), nil
}

// weaker are the rate itself and the smaller ones of a half, a quarter and a tenth.
func weaker(alive float64) []float64 {
	out := []float64{alive}
	for _, p := range []float64{0.5, 0.25, 0.1} {
		if p < alive {
			out = append(out, p)
		}
	}
	return out
}

// backdoorTest is the plan's, with the original's rate; ok is false where there was none.
func backdoorTest(r *audit.Report) (test stats.BackdoorTest, ok bool, err error) {
	for _, it := range r.Plan.Attacks {
		if it.Kind != "poisoning" {
			continue
		}
		var p struct{ Alpha, Quantile float64 }
		if err := json.Unmarshal(it.Params, &p); err != nil {
			return test, false, fmt.Errorf("parameters of the attack poisoning: %w", err)
		}
		for i := range r.Subjects {
			s := &r.Subjects[i]
			if s.Role != audit.RoleOriginal {
				continue
			}
			rate, ok1 := s.Statistic("backdoor success")
			x, ok2 := s.Sample("target-distance", "hole", audit.Triggered)
			if ok1 && ok2 && !math.IsNaN(rate.Value) {
				return stats.BackdoorTest{Alpha: p.Alpha, Q: p.Quantile, P: rate.Value, N: len(x.Values)}, true, nil
			}
		}
	}
	return test, false, nil
}
