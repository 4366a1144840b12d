package engine_test

import (
	"context"
	"fmt"

	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/engine"
	"github.com/lethe-audit/lethe/audit/planfile"
)

// An audit from Go: read a plan, run it, look at the report. The run's folder keeps what was made, so that the same call
// goes on where one before it was interrupted.
func ExampleRun() {
	cat := catalogue.Default() // or one with items of your own: see package kit
	plan, err := planfile.Read(cat, "plan.yml", "train.epochs=50", "seed=2")
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := engine.Run(context.Background(), engine.Options{Plan: plan, Catalogue: cat, Dir: "runs/" + plan.Name})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range report.Verdicts {
		fmt.Println(v.Subject, v.Criterion, v.Outcome, v.Reason)
	}
}
