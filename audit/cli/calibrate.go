package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/calibrate"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/audit/engine"
	"github.com/lethe-audit/lethe/audit/planfile"
	"github.com/lethe-audit/lethe/reports"
)

type calibrateCmd struct {
	Plan      string   `arg:"" optional:"" default:"calibration" help:"A plan whose methods are dishonest, or the one that comes with lethe."`
	Out       string   `short:"o" default:"lethe-out/calibration" placeholder:"DIR" help:"Folder of the runs; an interrupted calibration goes on in it."`
	Worlds    int      `default:"16" help:"Audits, each with its own data, forget set, original and retrained models."`
	Honest    int      `default:"20" help:"Honest models in each: retrained with seeds of their own."`
	Poorer    int      `default:"4" help:"Honest models retrained for a third to two thirds of the epochs, judged by membership and backdoor alone."`
	Otherwise int      `default:"4" help:"Honest models retrained by other recipes, which go on through the list from world to world."`
	Part      int      `default:"1" placeholder:"N" help:"Of the dishonest models, every N-th in each world, others in the next, so that N worlds have them all."`
	First     int      `default:"1001" help:"Seed of the first world."`
	Set       []string `placeholder:"KEY=VALUE" sep:"none" help:"Change a value of the plan."`
	Device    string   `default:"cpu" help:"cpu, cuda, cuda:N or auto."`
	Jobs      int      `short:"j" default:"0" help:"Models at a time."`
	Quiet     bool     `short:"q" help:"No progress."`
	Strict    bool     `help:"Exit with 1 if a dishonest model passes, but for cheats documented as beyond its profile, or an honest one is accused."`
}

// Run runs the audits and counts.
func (c *calibrateCmd) Run(ctx context.Context, s streams) error {
	if c.Part < 1 {
		return usage(fmt.Errorf("--part %d: want 1 for all dishonest models in every world, or more for a share of them", c.Part))
	}
	if c.Worlds < 1 || c.Honest < 1 || c.Poorer < 0 || c.Otherwise < 0 {
		return usage(fmt.Errorf("%d worlds with %d honest models, %d poorer and %d otherwise trained: want at least one of the first two",
			c.Worlds, c.Honest, c.Poorer, c.Otherwise))
	}
	var worlds []string
	var done []*audit.Report
	var runs []calibrate.Run
	begun := time.Now()
	for w := 1; w <= c.Worlds; w++ {
		plan, err := planfile.Read(s.cat, c.Plan, append([]string{"seed=" + strconv.Itoa(c.First+w-1)}, c.Set...)...)
		if err != nil {
			return usage(err)
		}
		plan.Methods = rotated(plan.Methods, w, c.Part)
		for i := 1; i <= c.Honest; i++ {
			plan.Methods = append(plan.Methods, audit.Item{Kind: "retrain", As: fmt.Sprintf("honest-%02d", i), Replicates: "honest",
				Params: []byte(`{"epochs":1}`)})
		}
		for i := 1; i <= c.Poorer; i++ {
			params := fmt.Sprintf(`{"epochs":%.3f}`, 1./3+float64(i-1)/(3*float64(c.Poorer)))
			plan.Methods = append(plan.Methods, audit.Item{Kind: "retrain", As: fmt.Sprintf("%s-%02d", calibrate.Poorer, i),
				Replicates: calibrate.Poorer, Params: []byte(params)})
		}
		others, err := calibrate.Others(plan.Train, (w-1)*c.Otherwise, c.Otherwise)
		if err != nil {
			return err
		}
		plan.Methods = append(plan.Methods, others...)
		name := fmt.Sprintf("world-%02d", w)
		rep, err := engine.Run(ctx, engine.Options{Plan: plan, Catalogue: s.cat, Dir: filepath.Join(c.Out, name), Device: c.Device,
			Jobs: c.Jobs, Version: version()})
		if err != nil {
			return broke(fmt.Errorf("%s: %w", name, err))
		}
		worlds, done = append(worlds, name), append(done, rep)
		runs = append(runs, calibrate.Runs(name, rep, func(kind string) bool { return s.cat.Beyond(plan.Profile, kind) })...)
		if !c.Quiet {
			t := calibrate.Tabulate(runs)
			fmt.Fprintf(s.err, "%5.0fs  %s of %d: %d of %d dishonest models passed, %d of %d honest ones failed\n", time.Since(begun).Seconds(),
				name, c.Worlds, t.Dishonest.Pass.K, t.Dishonest.N, t.Honest.Fail.K, t.Honest.N)
		}
	}
	t := calibrate.Tabulate(runs)
	all := calibrate.Audits{Worlds: worlds, Reports: done, Criteria: s.cat.Criteria, Beyond: s.cat.Beyond}
	points, err := all.Margins(calibrate.Factors)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "Plan %s, %d worlds of seeds %d to %d; in each %d honest models, %d by other recipes, %d poorer, and one in %d of the "+
		"dishonest.\n", done[0].Plan.Name, c.Worlds, c.First, c.First+c.Worlds-1, c.Honest, c.Otherwise, c.Poorer, c.Part)
	fmt.Fprintf(s.out, "lethe %s, code sha256 %s, %s\n\n", done[0].Version, done[0].Code.Short(), done[0].Runtime.CPU)
	if err := reports.Calibration(s.out, done[0].Plan.Profile, t, points); err != nil {
		return err
	}
	for _, p := range criteria.Profiles {
		if p.Name == done[0].Plan.Profile {
			break
		}
		inner, err := all.Profile(p.Name)
		if err != nil {
			return err
		}
		if err := reports.Calibration(s.out, p.Name, inner, nil); err != nil {
			return err
		}
	}
	if c.Strict && (t.Dishonest.Pass.K > 0 || t.Honest.Missed.K > 0) {
		return exit{exitFails, fmt.Errorf("%d dishonest models passed, honest ones were accused in %d worlds", t.Dishonest.Pass.K,
			t.Honest.Missed.K)}
	}
	return nil
}

// rotated keeps every part-th dishonest method, from another one on in each world, and what is none.
func rotated(methods []audit.Item, world, part int) []audit.Item {
	var out []audit.Item
	dishonest := 0
	for _, it := range methods {
		if strings.HasPrefix(it.Kind, "dishonest/") {
			dishonest++
			if (dishonest+world)%part != 0 {
				continue
			}
		}
		out = append(out, it)
	}
	return out
}
