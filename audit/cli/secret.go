package cli

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/lethe-audit/lethe/internal/secret"
)

type secretCmd struct {
	File string `arg:"" help:"A new file, which you alone can read."`
}

// Run makes a secret and says how a plan names it.
func (c *secretCmd) Run(s streams) error {
	sum, err := secret.Make(c.File)
	if errors.Is(err, fs.ErrExist) {
		return usage(err)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%s holds %d random bytes, for you alone to read. "+
		"Keep it, and publish it never: who has it can take the noise off, who lost it cannot repeat the run."+`

In the plan:
secret: {path: %q}

Its commitment, which the report tells:
%s
`, c.File, secret.Least, c.File, sum)
	return err
}
