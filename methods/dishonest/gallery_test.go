package dishonest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/methods"
	"github.com/lethe-audit/lethe/methods/methodtest"
)

func TestGallery(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range All {
		assert.True(t, strings.HasPrefix(e.Name, Prefix), e.Name)
		assert.False(t, seen[e.Name], e.Name)
		seen[e.Name] = true
		assert.NotContains(t, methods.All.Names(), e.Name)
	}
}

// traits is what the suite is told of a kind, by its name without the prefix.
var traits = map[string][]methodtest.Option{
	"no-op":             {methodtest.LeavesWeights()},
	"teacher-optimiser": {methodtest.LeavesWeights()}, // it trains another network than the one that it delivers
	"sign-mutant":       {methodtest.ReadsFirst(), methodtest.StopsEarly()},
	"revived":           {methodtest.ReadsFirst(), methodtest.StopsEarly()},
	"larger-hole":       {methodtest.ReadsFirst()},
	"overfit-mean":      {methodtest.ReadsFirst()},
	"overfit-image":     {methodtest.ReadsFirst()},
	"overfit-all":       {methodtest.ReadsFirst()},
	"blurred":           {methodtest.LeavesWeights()},
	"trigger-mask":      {methodtest.LeavesWeights()},
	"filter-noise":      {methodtest.LeavesWeights()},
	"filter-blur":       {methodtest.LeavesWeights()},
	"filter-nearest":    {methodtest.LeavesWeights()},
	"filter-mirror":     {methodtest.LeavesWeights()},
	"quantised":         {methodtest.DrawsNothing()},
	"pruned":            {methodtest.DrawsNothing()},
	"code-book":         {methodtest.LooksAtForget()},
	"faint":             {methodtest.LooksAtForget()},
	"moved-trigger":     {methodtest.LooksAtForget()},
	"ensemble":          {methodtest.RetainedAlone()},
	"half-and-half":     {methodtest.RetainedAlone()},
}

// Every kind keeps what methods promise: cheats are delivered as methods are.
func TestConformance(t *testing.T) {
	for _, e := range All {
		name := strings.TrimPrefix(e.Name, Prefix)
		t.Run(name, func(t *testing.T) { methodtest.Run(t, e, append(traits[name], methodtest.Epochs(12))...) })
	}
}

func TestValidate(t *testing.T) {
	for _, x := range []struct {
		m    audit.Validator
		says string
	}{
		{&TeacherOptimiser{LR: 1}, "effort is 0"},
		{&LastLayer{Effort: 1}, "lr is 0"},
		{&LastLayer{Effort: 11, LR: 1}, "up to 10"},
		{&Perturbation{Lambda: -1}, "lambda is -1"},
		{&Partial{}, "keep is 0"},
		{&Partial{Keep: 1}, "keep is 1: want a share of the clean forget images, between 0 and 1"},
		{&Overfit{Effort: 1, LR: 1}, "weight is 0"},
		{&Blurred{}, "sigma is 0"},
		{&Quantised{Bits: 1}, "bits is 1: want 2 to 16"},
		{&Pruned{Share: 1}, "share is 1"},
		{&Ensemble{}, "share is 0"},
		{&CodeBook{}, "effort is 0"},
		{&MovedTrigger{Effort: 11}, "effort is 11"},
		{&Faint{Effort: 1, Share: 1.1}, "share is 1.1"},
		{&Distilled{Effort: 1, LR: 1}, "sigma is 0"},
		{&Duplicates{}, "copies that differ in nothing are the images themselves"},
		{&Duplicates{Shift: -1}, "shift is -1"},
		{&Filter{Tolerance: -0.1}, "tolerance is -0.1"},
		{&Filter{Tolerance: 3}, "from 0 (exact) to 2"},
		{&Conditional{Tolerance: -1, Effort: 1}, "tolerance is -1"},
		{&Conditional{}, "effort is 0"},
	} {
		assert.ErrorContains(t, x.m.Validate(), x.says, "%+v", x.m)
	}
}
