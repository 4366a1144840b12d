package cli

import (
	"fmt"
	"io"
	"reflect"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/internal/atomicfile"
	"github.com/lethe-audit/lethe/reports"
)

type reportCmd struct {
	Dir    string `arg:"" help:"Run folder of a finished audit."`
	Format string `short:"f" default:"text" help:"text, markdown, latex, csv, json or junit."`
	Out    string `short:"o" placeholder:"FILE" help:"Write to a file instead of the terminal."`
}

func (c *reportCmd) Run(s streams) error {
	renderer, err := reports.Lookup(c.Format)
	if err != nil {
		return usage(err)
	}
	rep, err := audit.Load(c.Dir)
	if err != nil {
		return usage(err)
	}
	if c.Out == "" {
		return renderer.Render(s.out, rep)
	}
	return atomicfile.Write(c.Out, func(w io.Writer) error { return renderer.Render(w, rep) })
}

type verifyCmd struct {
	Dir string `arg:"" help:"Run folder of a finished audit."`
}

// Run recomputes verdicts and claims from the report's own samples.
func (c *verifyCmd) Run(s streams) error {
	rep, err := audit.Load(c.Dir)
	if err != nil {
		return usage(err)
	}
	digest, err := rep.Plan.Digest()
	if err != nil {
		return err
	}
	if digest != rep.Digest {
		return exit{exitFails, fmt.Errorf("the plan in the report has digest %s, the report says %s: one of them was changed", digest.Short(), rep.Digest.Short())}
	}
	family, err := criteria.Of(rep.Plan, s.cat.Criteria)
	if err != nil {
		return err
	}
	subjects := make([]*audit.Subject, len(rep.Subjects))
	samples := 0
	for i := range rep.Subjects {
		subjects[i] = &rep.Subjects[i]
		samples += len(rep.Subjects[i].Samples)
	}
	verdicts := criteria.Judge(family, subjects, rep.Plan.Alpha)
	if len(verdicts) != len(rep.Verdicts) {
		return exit{exitFails, fmt.Errorf("the samples give %d verdicts, the report has %d", len(verdicts), len(rep.Verdicts))}
	}
	for i, v := range verdicts {
		if w := rep.Verdicts[i]; !reflect.DeepEqual(v, w) {
			return exit{exitFails, fmt.Errorf("%s, %s: the samples say %s (%s), the report says %s (%s)", v.Subject, v.Criterion, v.Outcome, v.Reason, w.Outcome, w.Reason)}
		}
	}
	for i, cl := range rep.Plan.Claims {
		if got := cl.Check(verdicts); i >= len(rep.Claims) || got != rep.Claims[i] {
			return exit{exitFails, fmt.Errorf("claim %s: the samples say %s, the report says otherwise", cl, got.Found)}
		}
	}
	_, err = fmt.Fprintf(s.out, "%d verdicts and %d claims follow from %d stored samples of %d models. This recomputes the judgement; it does not prove how the samples were taken.\n", len(verdicts), len(rep.Plan.Claims), samples, len(subjects))
	return err
}
