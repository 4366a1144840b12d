package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/lethe-audit/lethe/internal/checkpoint"
	"github.com/lethe-audit/lethe/internal/weights"
)

// canonicalCmd writes the file that an audit of handed-in weights is about.
type canonicalCmd struct {
	In   string `arg:"" placeholder:"FILE" help:"A safetensors file of float32 arrays, or a PyTorch checkpoint."`
	Out  string `arg:"" placeholder:"FILE" help:"A new safetensors file with the same arrays, rounded. Under the names of the plan's family it is the model.safetensors of an audit of the first file, to the byte."`
	Form string `default:"bfloat16" help:"What to round to, as canonical in the plan: bfloat16, or the number of mantissa bits to keep."`
}

// Run rounds a file.
func (c *canonicalCmd) Run(s streams) error {
	form, err := weights.ParseForm(c.Form)
	if err != nil {
		return usage(err)
	}
	switch _, err := os.Stat(c.Out); {
	case err == nil:
		return usage(fmt.Errorf("%s is there already: give another file", c.Out))
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	arrays, came, err := weights.Read(c.In, "")
	if err != nil {
		return usage(err)
	}
	all, changed := 0, 0
	for name, a := range arrays {
		values := form.Of(a.Values)
		all, changed = all+len(values), changed+weights.Changed(a.Values, values)
		arrays[name] = checkpoint.Array{Shape: a.Shape, Values: values}
	}
	if err := checkpoint.Save(c.Out, arrays, map[string]string{"format": "pt"}); err != nil {
		return err
	}
	_, sum, err := weights.Read(c.Out, "")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%s: %d of %d weights changed by rounding to %s\n%s  %s\n%s  %s\n", c.Out, changed, all, form,
		came, c.In, sum, c.Out)
	return err
}
