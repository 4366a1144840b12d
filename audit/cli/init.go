package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/planfile"

	"github.com/lethe-audit/lethe/fixtures"
	"github.com/lethe-audit/lethe/internal/atomicfile"
)

type initCmd struct {
	Plan   string `arg:"" optional:"" default:"${defaultPlan}" help:"Which of the plans that come with lethe (${plans})."`
	Out    string `short:"o" placeholder:"FILE" help:"Write to a new file instead of the terminal."`
	Schema bool   `help:"Write the JSON Schema of plans instead, for editors."`
}

// Run writes an embedded plan, comments and all, or the schema.
func (c *initCmd) Run(s streams) error {
	b, err := c.text(s.cat)
	if err != nil {
		return err
	}
	if c.Out == "" {
		_, err = s.out.Write(b)
		return err
	}
	switch _, err := os.Lstat(c.Out); {
	case err == nil:
		return usage(fmt.Errorf("%s is there already: give another file, or remove it", c.Out))
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return atomicfile.WriteBytes(c.Out, b)
}

func (c *initCmd) text(cat *catalogue.Catalogue) ([]byte, error) {
	if c.Schema {
		return schemaText(planfile.Schema(cat))
	}
	b, err := fixtures.Plan(c.Plan)
	if err != nil {
		return nil, usage(fmt.Errorf("%w: want one of %s", err, strings.Join(fixtures.PlanNames(), ", ")))
	}
	return b, nil
}

// schemaText is a schema as a file holds it. It takes what makes one, error and all.
func schemaText(s *jsonschema.Schema, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	return append(b, '\n'), nil
}
