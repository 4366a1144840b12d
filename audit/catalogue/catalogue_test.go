package catalogue_test

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/methods"
)

func TestDefault(t *testing.T) {
	cat := catalogue.Default()
	require.NoError(t, cat.Check())
	assert.Equal(t, cat.Methods.Names(), cat.Unlearners("fine-tune").Names())
	assert.Equal(t, cat.Gallery.Names(), cat.Unlearners("dishonest/no-op").Names())
	assert.True(t, cat.Beyond("quick", "dishonest/conditional-nearest"))
	assert.False(t, cat.Beyond("standard", "dishonest/conditional-nearest"))
	assert.True(t, cat.Beyond("standard", "dishonest/code-book"))
	assert.False(t, cat.Beyond("strict", "dishonest/code-book"))
	assert.True(t, cat.Beyond("strict", "dishonest/low-bits"))
	assert.False(t, cat.Beyond("quick", "dishonest/no-op"))
}

// What a criterion reads must be there, and so must the model on which it shows its power.
func TestCriteriaFindWhatTheyRead(t *testing.T) {
	cat := catalogue.Default()
	for _, e := range cat.Criteria {
		metrics, attacks := e.New().Needs()
		assert.Subset(t, cat.Metrics.Names(), metrics, e.Name)
		assert.Subset(t, cat.Attacks.Names(), attacks, e.Name)
		assert.Contains(t, cat.Methods.Names(), e.New().Control(), e.Name)
		assert.NotEmpty(t, e.New().Words().Seeks, e.Name)
		if e.Profile != "" {
			_, err := criteria.FindProfile(e.Profile)
			assert.NoError(t, err, e.Name)
		}
	}
}

// One name means one quantity, whoever leaves it.
func TestQuantities(t *testing.T) {
	cat := catalogue.Default()
	seen := map[string]audit.Quantity{}
	for _, q := range append(cat.Metrics.Quantities(), cat.Attacks.Quantities()...) {
		if old, ok := seen[q.Name]; ok {
			assert.Equal(t, old, q)
		}
		seen[q.Name] = q
		assert.LessOrEqual(t, len([]rune(q.Head)), 8, q.Name)
	}
	p := audit.Plan{Metrics: []audit.Item{{Kind: "mse"}}, Attacks: []audit.Item{{Kind: "neighbours"}}}
	assert.Equal(t, []audit.Quantity{criteria.MSE, criteria.MeanImageError, criteria.NeighbourError}, cat.Quantities(p))
}

func TestWith(t *testing.T) {
	cat := catalogue.Default()
	own, _ := cat.Methods.Find("fine-tune")
	own.Name = "mine"
	more, err := cat.With(catalogue.Catalogue{Methods: audit.Set[methods.Method]{own}})
	require.NoError(t, err)
	assert.Equal(t, append(cat.Methods.Names(), "mine"), more.Methods.Names())
	assert.NotContains(t, catalogue.Default().Methods.Names(), "mine", "the default stays as it is")

	for _, c := range []struct {
		name   string
		change func(*audit.Entry[methods.Method])
		want   string
	}{
		{"a name that is taken", func(e *audit.Entry[methods.Method]) { e.Name = "retrain" }, "the name is taken"},
		{"no name", func(e *audit.Entry[methods.Method]) { e.Name = "" }, "no proper name"},
		{"a name of the gallery's", func(e *audit.Entry[methods.Method]) { e.Name = "dishonest/mine" }, "names of the gallery"},
		{"no word on it", func(e *audit.Entry[methods.Method]) { e.Doc = "" }, "one line"},
		{"nothing that makes it", func(e *audit.Entry[methods.Method]) { e.New = nil }, "New"},
		{"a package without sources", func(e *audit.Entry[methods.Method]) { e.New = func() methods.Method { return nil } },
			"embed its *.go files"},
		{"a quantity without words", func(e *audit.Entry[methods.Method]) { e.Leaves = []audit.Quantity{{Name: "q"}} },
			"name, head, what and direction"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := own
			c.change(&e)
			_, err := cat.With(catalogue.Catalogue{Methods: audit.Set[methods.Method]{e}})
			require.ErrorContains(t, err, c.want)
		})
	}
	_, err = cat.With(catalogue.Catalogue{Code: map[string]fs.FS{catalogue.Module + "/methods": fstest.MapFS{}}})
	require.ErrorContains(t, err, "twice")
}
