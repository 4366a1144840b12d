package methods_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/methods"
	"github.com/lethe-audit/lethe/methods/methodtest"
)

// traits is what the suite is told of a form, by its label.
var traits = map[string][]methodtest.Option{
	"decouple":                   {methodtest.LooksAtForget(), methodtest.ReadsFirst(), methodtest.StopsEarly()},
	"decouple on the decoder":    {methodtest.LooksAtForget(), methodtest.ReadsFirst(), methodtest.StopsEarly()},
	"decouple with noise":        {methodtest.LooksAtForget(), methodtest.ReadsFirst(), methodtest.StopsEarly()},
	"noise-matching":             {methodtest.LooksAtForget()},
	"random-labels":              {methodtest.LooksAtForget()},
	"noisy-labels":               {methodtest.LooksAtForget()},
	"max-loss":                   {methodtest.LooksAtForget()},
	"retain-label":               {methodtest.LooksAtForget()},
	"retain-label as released":   {methodtest.RetainedAlone()},
	"random-encoder":             {methodtest.LooksAtForget()},
	"random-encoder as released": {methodtest.RetainedAlone()},
	"neggrad+":                   {methodtest.LooksAtForget()},
	"joint":                      {methodtest.LooksAtForget(), methodtest.ReadsFirst()},
	"scrub":                      {methodtest.LooksAtForget()},
	"salun":                      {methodtest.LooksAtForget()},
	"ssd":                        {methodtest.LooksAtForget(), methodtest.DrawsNothing()},
	"erase-diff":                 {methodtest.LooksAtForget()},
	"l1-sparse":                  {methodtest.RetainedAlone()},
	"selective-amnesia":          {methodtest.LooksAtForget()},
	"rewind":                     {methodtest.LooksAtForget(), methodtest.Epochs(2)},
	"shrink-perturb":             {methodtest.RetainedAlone()},
	"certified":                  {methodtest.RetainedAlone()},
	"fine-tune":                  {methodtest.RetainedAlone()},
	"retrain":                    {methodtest.RetainedAlone(), methodtest.Epochs(2)},
	"retrain by another recipe":  {methodtest.RetainedAlone(), methodtest.Epochs(2)},
	"original":                   {methodtest.LeavesWeights()},
	"random-weights":             {},
}

// Every method keeps what methods promise.
func TestConformance(t *testing.T) {
	tried := map[string]bool{}
	for _, f := range methods.Forms {
		tried[f.Kind] = true
		e, ok := methods.All.Find(f.Kind)
		require.True(t, ok, f.Kind)
		opts, ok := traits[f.Label]
		require.True(t, ok, "what is %s like?", f.Label)
		t.Run(f.Label, func(t *testing.T) { methodtest.Run(t, e, append(opts, methodtest.With(f.Params))...) })
	}
	for _, kind := range []string{"given", "given-weights"} { // a path is the only thing that has no default
		tried[kind] = true
		e, ok := methods.All.Find(kind)
		require.True(t, ok, kind)
		opts := []methodtest.Option{methodtest.Missing("path is missing")}
		if kind == "given" { // of another architecture than the suite's model: a black box
			opts = append(opts, methodtest.LeavesWeights(), methodtest.With(`{"path": "../internal/families/torchscript/testdata/inpainter.pt"}`))
		}
		t.Run(kind, func(t *testing.T) { methodtest.Run(t, e, opts...) })
	}
	for _, name := range methods.All.Names() {
		assert.True(t, tried[name], "%s is not tried", name)
	}
}
