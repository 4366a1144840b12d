package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/verify"
	"github.com/lethe-audit/lethe/internal/atomicfile"
	"github.com/lethe-audit/lethe/reports"
)

type reportCmd struct {
	Dir    string `arg:"" optional:"" help:"Run folder of a finished audit."`
	Format string `short:"f" default:"text" help:"text, markdown, latex, csv, json or junit."`
	Out    string `short:"o" placeholder:"FILE" help:"Write to a file instead of the terminal."`
	Schema bool   `help:"Write the JSON Schema of report.json instead, which is the format json."`
}

// Run renders a report, or writes the schema.
func (c *reportCmd) Run(s streams) error {
	render, err := c.renderer()
	if err != nil {
		return err
	}
	if c.Out == "" {
		return render(s.out)
	}
	return atomicfile.Write(c.Out, render)
}

// renderer is what writes the output: nothing is created where it fails.
func (c *reportCmd) renderer() (func(io.Writer) error, error) {
	if c.Schema {
		b, err := schemaText(reports.Schema())
		return func(w io.Writer) error { _, err := w.Write(b); return err }, err
	}
	if c.Dir == "" {
		return nil, usage(errors.New(`expected "<dir>", the run folder of a finished audit`))
	}
	renderer, err := reports.Lookup(c.Format)
	if err != nil {
		return nil, usage(err)
	}
	rep, err := audit.Load(c.Dir)
	if err != nil {
		return nil, usage(err)
	}
	return func(w io.Writer) error { return renderer.Render(w, rep) }, nil
}

type verifyCmd struct {
	Dir string `arg:"" help:"Run folder of a finished audit."`
}

// Run recomputes what the report says of its own samples.
func (c *verifyCmd) Run(s streams) error {
	res, err := verify.Dir(c.Dir, s.cat.Criteria)
	if err != nil {
		return usage(err)
	}
	if err := res.Err(); err != nil {
		return exit{exitFails, err}
	}
	_, err = fmt.Fprintln(s.out, res)
	return err
}
