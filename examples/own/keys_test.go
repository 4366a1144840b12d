package own_test

import (
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/engine"
	"github.com/lethe-audit/lethe/audit/planfile"

	"example.com/own"
)

// edited is the catalogue with a text in one of the module's files replaced, as if it had been compiled so.
func edited(t *testing.T, file, from, to string) *catalogue.Catalogue {
	t.Helper()
	items, files := own.Items(), fstest.MapFS{}
	names, err := fs.Glob(items.Code[own.Path], "*.go")
	require.NoError(t, err)
	for _, name := range names {
		b, err := fs.ReadFile(items.Code[own.Path], name)
		require.NoError(t, err)
		if name == file {
			require.Equal(t, 1, strings.Count(string(b), from), "%s in %s", from, file)
			b = []byte(strings.Replace(string(b), from, to, 1))
		}
		files[name] = &fstest.MapFile{Data: b}
	}
	items.Code = map[string]fs.FS{own.Path: files}
	cat, err := catalogue.Default().With(items)
	require.NoError(t, err)
	return cat
}

// changed are the names under which two maps differ, sorted.
func changed(a, b map[string]audit.Digest) []string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(a)) {
		if a[k] != b[k] {
			out = append(out, k)
		}
	}
	return out
}

// A constant that changes in one item's file changes that item's code and what is made by it: nothing else is made anew.
func TestOneConstantChangesItsOwnKeys(t *testing.T) {
	read := func(cat *catalogue.Catalogue) (map[string]audit.Digest, *engine.Keys) {
		codes, err := engine.Codes(cat)
		require.NoError(t, err)
		plan, err := planfile.Read(cat, "plan.yml")
		require.NoError(t, err)
		keys, err := engine.KeysOf(t.Context(), engine.Options{Plan: plan, Catalogue: cat, Dir: t.TempDir()})
		require.NoError(t, err)
		return codes, keys
	}
	codes, keys := read(with(t))
	all := slices.Sorted(maps.Keys(keys.Models))
	var none []string
	for _, c := range []struct {
		file, from, to            string
		item                      string   // whose code changes
		models, metrics, attacked []string // whose results are made anew; what depends on a model goes with it
	}{
		{"method.go", "Effort: 0.25", "Effort: 0.5", "method own/grey-targets", []string{"own-grey-targets"}, []string{"own-grey-targets"}, []string{"own-grey-targets"}},
		{"attack.go", "Most: 32", "Most: 33", "attack own/gradient-norm", none, none, all},
		{"attack.go", "NewGap(0.3,", "NewGap(0.4,", "criterion own/gradient-norm", none, none, none},
		{"metric.go", "/ n, nil", "/ n / 2, nil", "metric own/colour-shift", none, all, none},
		{"family.go", "Hidden: 256", "Hidden: 257", "family own/perceptron", all, all, all},
		{"data.go", "IntN(256)", "IntN(255)", "data own/tiles", all, all, all},
	} {
		t.Run(c.item, func(t *testing.T) {
			other, anew := read(edited(t, c.file, c.from, c.to))
			assert.Equal(t, []string{c.item}, changed(codes, other), "of all items, Lethe's among them")
			assert.Equal(t, c.models, changed(keys.Models, anew.Models))
			assert.Equal(t, c.metrics, changed(keys.Metrics, anew.Metrics))
			assert.NotEqual(t, keys.Report, anew.Report, "the report tells")
			var attacked []string
			for _, m := range all {
				if len(changed(keys.Attacks[m], anew.Attacks[m])) > 0 {
					attacked = append(attacked, m)
				}
			}
			assert.Equal(t, c.attacked, attacked)
		})
	}
}

// Without its sources an item is refused: its results could not be told from those of other code.
func TestItemsBringTheirSources(t *testing.T) {
	items := own.Items()
	items.Code = nil
	_, err := catalogue.Default().With(items)
	require.ErrorContains(t, err, own.Path)
	require.ErrorContains(t, err, "embed its *.go files")
}
