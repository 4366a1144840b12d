package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/engine"
	"github.com/lethe-audit/lethe/audit/planfile"
)

type planCmd struct {
	Check checkCmd `cmd:"" help:"Open a plan's data, split it, make its model, and say what the audit would cost; nothing is trained or written."`
	Power powerCmd `cmd:"" help:"Say how many retrained models and images it takes for an honest model to PASS, and what they cost."`
}

type checkCmd struct {
	Plan string `arg:"" optional:"" default:"${defaultPlan}" help:"A plan file, or one of those that come with lethe (${plans})."`
	planFlags
	Device string `default:"cpu" help:"cpu, cuda, cuda:N or auto."`
}

// Run checks.
func (c *checkCmd) Run(ctx context.Context, s streams) error {
	plan, err := planfile.Read(s.cat, c.Plan, c.settings()...)
	if err != nil {
		return usage(err)
	}
	e, err := engine.Check(ctx, engine.Options{Plan: plan, Catalogue: s.cat, Device: c.Device})
	if errors.Is(err, engine.ErrBadPlan) {
		return usage(err)
	}
	if err != nil {
		return broke(err)
	}
	w := s.out
	fmt.Fprintf(w, "The plan %s can be run.\n\n", plan.Name)
	fmt.Fprintf(w, "images    %d to retain, %d to forget and %d of these poisoned, %d never trained on", e.Retain, e.Forget,
		e.Poisoned, e.Test)
	if e.Unseen > 0 {
		fmt.Fprintf(w, ", %d more set aside for methods", e.Unseen)
	}
	fmt.Fprintln(w)
	fmt.Fprintf(w, "model     %d weights; %.3g GiB for a training's weights, gradient and moments, activations come on top\n",
		e.Weights, float64(e.Memory())/(1<<30))
	fmt.Fprintf(w, "a step    %.3g s for a batch of %d on one thread of this machine, now", e.PerStep.Seconds(), e.Batch)
	if e.Peak > 0 {
		fmt.Fprintf(w, "; %.3g GiB at the most", float64(e.Peak)/(1<<30))
	}
	if p := plan.Train.Precision; p != audit.Float32 {
		fmt.Fprintf(w, "; products in %s", p)
		if c.Device == "cpu" {
			fmt.Fprint(w, ", which costs a CPU time and saves it none")
		}
	}
	fmt.Fprint(w, "\n\n")
	for _, x := range e.Cells {
		if x.Unfit != "" {
			fmt.Fprintf(w, "%-32s NOT APPLICABLE: %s\n", x.Name, x.Unfit)
			continue
		}
		fmt.Fprintf(w, "%-32s %9d images at most, %s\n", x.Name, x.Images, about(x.Seconds))
	}
	_, err = fmt.Fprintf(w, "\nabout %s to make all models, %d at a time; attacks, metrics and pictures come on top\n",
		about(e.Training().Seconds()), e.Workers)
	return err
}

// about is a time in one unit that a reader can picture.
func about(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%.2g s", max(seconds, 0))
	case d < 2*time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	case d < 48*time.Hour:
		return fmt.Sprintf("%.0f h", d.Hours())
	}
	return fmt.Sprintf("%.0f days", d.Hours()/24)
}
