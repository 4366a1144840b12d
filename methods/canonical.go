package methods

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/weights"
)

// canonicalForm is what weights that are handed in are rounded to where the plan says nothing else.
const canonicalForm = "bfloat16"

// room is what no rounding mends.
const room = "The bits that stay have room as well: docs/validity.md, The function and the bits"

// canonical are the weights of a model that was handed in as they are audited, stored and digested, in a form of the
// plan, and what the report says of it. The model has the weights as they came, and keeps them.
func canonical(ctx context.Context, p *Problem, form weights.Rounding, came models.Model) ([]float32, string, error) {
	f, err := form.Form()
	if err != nil {
		return nil, "", err
	}
	given, err := came.Params().Values()
	if err != nil {
		return nil, "", err
	}
	if f == weights.Float32 {
		return given, "its weights are audited as they were handed in (canonical: float32): nothing that runs a model sees the last bits of " +
			"its weights, and the file has room there for more than the function that was audited, another model among it", nil
	}
	values := f.Of(given)
	changed := weights.Changed(given, values)
	if changed == 0 {
		return values, fmt.Sprintf("its weights are canonical: they came rounded to %s, and what was handed in is what is audited. %s",
			f, room), nil
	}
	after, err := p.Fresh()
	if err != nil {
		return nil, "", err
	}
	defer after.Params().Free()
	if err := after.Params().Set(values); err != nil {
		return nil, "", err
	}
	moved, err := corpus.Moved(ctx, p.Bench, came, after)
	if err != nil {
		return nil, "", err
	}
	return values, fmt.Sprintf("its weights were rounded to %s before anything was measured (%d of %d changed). The digest is that of the "+
		"rounded ones, which are stored as model.safetensors in the run's folder: a verdict is about this file, and not about the "+
		"one that was handed in. Rounding moved its paintings by %s. %s", f, changed, len(values), shifts(moved), room), nil
}

// shifts lists what rounding did: "0.4 % of their spread on 48 images to forget (errors × 1.0003)".
func shifts(moved []corpus.Shift) string {
	var out []string
	for _, s := range moved {
		out = append(out, fmt.Sprintf("%.2g %% of their spread on %d %s (errors × %.4g)", 100*s.Share, s.Images, s.Inputs, math.Exp(s.Log)))
	}
	return strings.Join(out, ", ")
}
