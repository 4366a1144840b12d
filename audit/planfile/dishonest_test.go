package planfile_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/planfile"
	"github.com/lethe-audit/lethe/methods/dishonest"
)

// Every kind of the gallery can be named, alone and with its parameters, and its row
// is marked unless the plan gives it another name.
func TestDishonestKinds(t *testing.T) {
	text := least + "methods:\n"
	for _, n := range dishonest.All.Names() {
		text += "  - " + n + "\n"
	}
	text += "  - {kind: dishonest/filter-mirror, as: filter, tolerance: 0.05, maskTrigger: true}\n"
	text += "claims: [{method: dishonest-no-op, criterion: ood, outcome: fail}, {method: filter, outcome: fail}]\n"
	p, err := planfile.Parse(catalogue.Default(), "plan.yml", []byte(text))
	require.NoError(t, err)
	var kinds []string
	for _, it := range p.Methods {
		if strings.HasPrefix(it.Kind, dishonest.Prefix) {
			kinds = append(kinds, it.Kind)
		}
	}
	assert.Equal(t, append(dishonest.All.Names(), "dishonest/filter-mirror"), kinds)
	assert.Equal(t, "dishonest-no-op", p.Methods[0].Name())
	last := p.Methods[len(kinds)-1]
	assert.Equal(t, "filter", last.Name())
	assert.JSONEq(t, `{"tolerance": 0.05, "maskTrigger": true}`, string(last.Params))
	assert.NoError(t, schema(t).Validate(document(t, []byte(text))))
}

func TestDishonestKindsAreChecked(t *testing.T) {
	for text, says := range map[string]string{
		"dishonest/no-opp": `unknown kind "dishonest/no-opp", did you mean "dishonest/no-op"?`,
		"no-op":            `unknown kind "no-op": want one of decouple,`,
		"{kind: dishonest/conditional, tolerance: 3}":   "tolerance is 3",
		"{kind: dishonest/forged-retrain, keep: 1}":     "keep is 1",
		"{kind: dishonest/no-op, effort: 1}":            `unknown key "effort"`,
		"{kind: dishonest/overfit-mean, image: true}":   `unknown key "image"`,
		"{kind: dishonest/sign-mutant, flipped: false}": `unknown key "flipped"`,
	} {
		_, err := planfile.Parse(catalogue.Default(), "plan.yml", []byte(least+"methods: ["+text+"]\n"))
		assert.ErrorContains(t, err, says, text)
	}
}
