package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/audit/engine"
	"github.com/lethe-audit/lethe/audit/planfile"
	"github.com/lethe-audit/lethe/audit/power"
)

type powerCmd struct {
	Plan string `arg:"" optional:"" default:"${defaultPlan}" help:"The run folder of a finished audit; or a plan file, or one of those that come with lethe (${plans}), of which a pilot is run: the original, the retrained models and the controls."`
	Out  string `short:"o" placeholder:"DIR" help:"Run folder of the pilot. Default: lethe-out/<name of the plan>-pilot."`
	planFlags
	Target float64 `default:"0.95" help:"Probability with which an honest model is to PASS."`
	Device string  `default:"cpu" help:"cpu, cuda, cuda:N or auto; of the pilot."`
	Jobs   int     `short:"j" default:"0" help:"Models at a time, in the pilot."`
	Quiet  bool    `short:"q" help:"No progress."`
}

// Run predicts.
func (c *powerCmd) Run(ctx context.Context, s streams) error {
	if !(c.Target > 0 && c.Target < 1) {
		return usage(fmt.Errorf("--target is %v: want a probability between 0 and 1", c.Target))
	}
	rep, err := c.report(ctx, s)
	if err != nil {
		return err
	}
	family, err := criteria.Of(rep.Plan, s.cat.Criteria)
	if err != nil {
		return usage(err)
	}
	subjects := make([]*audit.Subject, len(rep.Subjects))
	for i := range subjects {
		subjects[i] = &rep.Subjects[i]
	}
	p, err := power.Of(family, subjects, rep.Level())
	if err != nil {
		return usage(err)
	}
	return writePower(s.out, rep, p, c.Target)
}

// report is the finished audit's, or the pilot's.
func (c *powerCmd) report(ctx context.Context, s streams) (*audit.Report, error) {
	_, err := os.Stat(filepath.Join(c.Plan, audit.ReportFile))
	if err == nil {
		rep, err := audit.Load(c.Plan)
		if err != nil {
			return nil, usage(err)
		}
		return rep, nil
	}
	if !errors.Is(err, fs.ErrNotExist) && !strings.Contains(err.Error(), "not a directory") {
		return nil, usage(err)
	}
	plan, err := planfile.Read(s.cat, c.Plan, c.settings()...)
	if err != nil {
		return nil, usage(err)
	}
	family, err := criteria.Of(plan, s.cat.Criteria)
	if err != nil {
		return nil, usage(err)
	}
	plan.Claims, plan.Shadows = nil, 0
	plan.Methods = slices.DeleteFunc(slices.Clone(plan.Methods), func(it audit.Item) bool {
		return !slices.ContainsFunc(family, func(c criteria.Named) bool { return c.Control() == it.Kind })
	})
	if y := plan.Yardstick; y != nil {
		plan.Yardstick = &audit.Yardstick{Vary: y.Vary}
	}
	dir := c.Out
	if dir == "" {
		dir = filepath.Join("lethe-out", plan.Name+"-pilot")
	}
	progress := newProgress(s.err, c.Quiet, plan)
	rep, err := engine.Run(ctx, engine.Options{Plan: plan, Catalogue: s.cat, Dir: dir, Device: c.Device, Jobs: c.Jobs,
		Events: progress.event, Version: version()})
	progress.close()
	if err != nil {
		return nil, broke(err)
	}
	return rep, nil
}

// writePower prints what the pilot says.
func writePower(w io.Writer, rep *audit.Report, p *power.Pilot, target float64) error {
	now := p.Predict(p.Oracles, 1)
	d := rep.Data
	forget := d.Forget + d.Poisoned
	fmt.Fprintf(w, "With %d retrained models, %d images to forget and %d to test on, an honest model is expected to PASS with "+
		"probability %.2f.\n",
		p.Oracles, forget, d.Test, now.Overall)
	if pass, of := rep.Among(); of > 0 {
		fmt.Fprintf(w, "Of the retrained models themselves, each held against the others, %d of %d PASS.\n", pass, of)
	}
	fmt.Fprintf(w, "\n%-58s %9s %8s %8s %8s   alone, for %.2f\n", "comparison", "margin", "seed sd", "image se", "PASS", target)
	each := p.Each(target)
	for i, s := range p.Comparisons {
		seeds, images := fmt.Sprintf("%.2g", s.Seeds()), fmt.Sprintf("%.2g", s.Image)
		if s.Exact {
			seeds, images = "counted", ""
		}
		fmt.Fprintf(w, "%-58s %9.3g %8s %8s %8.2f   %s\n", s.Criterion+": "+s.Name, s.Margin, seeds, images, now.Comparisons[i],
			alone(p, s, each[i]))
	}
	next := *p
	seen := slices.ContainsFunc(rep.Subjects, func(s audit.Subject) bool { return s.Role == audit.RoleMethod })
	if seen { // who runs it again has seen how these came out
		next.Alpha /= 2
	}
	sizes := next.Sizes(target)
	fmt.Fprintln(w)
	if len(sizes) == 0 {
		_, err := fmt.Fprintf(w, "No audit of up to %d retrained models and %d times the images is predicted to reach %.2f: the margins are too "+
			"near to what retrained models differ by, or a control is not told from them.\n", power.MostOracles, power.MostImages, target)
		return err
	}
	seconds := 0.0
	for _, o := range rep.Oracles() {
		seconds += o.Cost.Seconds / float64(len(rep.Oracles()))
	}
	fmt.Fprintf(w, "What reaches %.2f by every comparison together; a training of today's takes %s, and the original and its retrained "+
		"models %d of them:\n",
		target, about(seconds), 1+p.Oracles)
	for _, x := range sizes {
		fmt.Fprintf(w, "  %3d retrained models, %5.0f images to forget, %5.0f to test on: %.2f, for %.3g trainings\n", x.Oracles,
			x.Images*float64(forget), x.Images*float64(d.Test), x.Overall, x.Cost)
	}
	_, err := fmt.Fprintln(w, "\nThese are predictions from the retrained models alone, whose spread few of them tell poorly: with "+
		"fewer than 8 they err towards caution.")
	if err == nil && seen {
		_, err = fmt.Fprintf(w, "Its subjects were seen: another audit of them, in its folder, is a further look, judged at %g, which is "+
			"reckoned with in the sizes.\n",
			next.Alpha)
	}
	return err
}

// alone says what one comparison needs by itself.
func alone(p *power.Pilot, s power.Spread, a power.Alone) string {
	switch {
	case !s.Powered:
		return "nobody can PASS: its control is not told from retrained models"
	case a.Oracles == p.Oracles:
		return "enough"
	case a.Oracles > 0 && a.Images > 0:
		return fmt.Sprintf("%d retrained models, or %g times the images", a.Oracles, a.Images)
	case a.Oracles > 0:
		return fmt.Sprintf("%d retrained models", a.Oracles)
	case a.Images > 0:
		return fmt.Sprintf("%g times the images", a.Images)
	}
	return "both more retrained models and more images, or a wider margin"
}
