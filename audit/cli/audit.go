package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/engine"
	"github.com/lethe-audit/lethe/audit/planfile"
	"github.com/lethe-audit/lethe/fixtures"
	"github.com/lethe-audit/lethe/reports"
)

type auditCmd struct {
	Plan string `arg:"" optional:"" default:"${defaultPlan}" help:"A plan file, or the name of a plan that comes with lethe (${plans}). Default: ${defaultPlan}."`
	Out  string `short:"o" placeholder:"DIR" help:"Run folder; an interrupted audit goes on in it. Default: lethe-out/<name of the plan>."`
	planFlags
	Format string        `short:"f" default:"text" help:"How to print the report: text, markdown, latex, csv, json, junit."`
	Device string        `default:"cpu" help:"cpu, cuda, cuda:N or auto."`
	Jobs   int           `short:"j" default:"0" help:"Models at a time, one thread each; 1 for one model on all cores. Default: 2 where there are 2 cores."`
	Every  time.Duration `default:"5s" help:"Least time between two checkpoints of a model; 0s for one every epoch."`
	Quiet  bool          `short:"q" help:"No progress."`
}

// Help texts that depend on lists.
func planVars() map[string]string {
	return map[string]string{"defaultPlan": fixtures.Default, "plans": strings.Join(fixtures.PlanNames(), ", ")}
}

func (a *auditCmd) Run(ctx context.Context, s streams) error {
	renderer, err := reports.Lookup(a.Format)
	if err != nil {
		return usage(err)
	}
	plan, err := planfile.Read(s.cat, a.Plan, a.settings()...)
	if err != nil {
		return usage(err)
	}
	dir := a.Out
	if dir == "" {
		dir = filepath.Join("lethe-out", plan.Name)
	}
	every := a.Every
	if every == 0 {
		every = -1
	}
	p := newProgress(s.err, a.Quiet, plan)
	rep, err := engine.Run(ctx, engine.Options{Plan: plan, Catalogue: s.cat, Dir: dir, Device: a.Device, Jobs: a.Jobs,
		Checkpoint: every, Events: p.event, Version: version()})
	p.close()
	if err != nil {
		return broke(err)
	}
	if err := renderer.Render(s.out, rep); err != nil {
		return exit{exitBroke, err}
	}
	if !a.Quiet {
		fmt.Fprintf(s.err, "report, pictures and models are in %s; `lethe report %s --format markdown` renders them anew\n", dir, dir)
	}
	return outcome(rep)
}

// broke sorts a failed run: what was wrong before anything ran is the caller's.
func broke(err error) error {
	if errors.Is(err, engine.ErrBadPlan) {
		return usage(err)
	}
	return exit{exitBroke, err}
}

func outcome(rep *audit.Report) error {
	if code := rep.ExitCode(); code != exitHolds {
		return exit{code: code}
	}
	return nil
}
