package engine

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/catalogue"
)

// The packages whose sources are known are those that the engine is built of, and of each all files that are compiled.
func TestSourcesAreComplete(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-json=ImportPath,GoFiles,CgoFiles,CFiles,CXXFiles,HFiles,SFiles,Standard", ".").Output()
	require.NoError(t, err)
	set := catalogue.Default().Code
	maps.Copy(set, map[string]fs.FS(own()))
	var built []string
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var p struct {
			ImportPath                                          string
			GoFiles, CgoFiles, CFiles, CXXFiles, HFiles, SFiles []string
		}
		require.NoError(t, d.Decode(&p))
		if !strings.HasPrefix(p.ImportPath, catalogue.Module) {
			continue
		}
		built = append(built, p.ImportPath)
		if set[p.ImportPath] == nil {
			continue // said below
		}
		for _, f := range slices.Concat(p.GoFiles, p.CgoFiles, p.CFiles, p.CXXFiles, p.HFiles, p.SFiles) {
			_, err := fs.Stat(set[p.ImportPath], f)
			assert.NoError(t, err, "%s does not embed it", p.ImportPath)
		}
	}
	var known []string
	for path := range set {
		known = append(known, path)
	}
	assert.ElementsMatch(t, built, known)
}

// Every item's code can be told, and so can the engine's.
func TestEveryItemHasCode(t *testing.T) {
	cat := catalogue.Default()
	c, err := newCoder(cat)
	require.NoError(t, err)
	var all []any
	for _, e := range slices.Concat(cat.Methods, cat.Gallery) {
		all = append(all, e.New)
	}
	for _, e := range cat.Attacks {
		all = append(all, e.New)
	}
	for _, e := range cat.Metrics {
		all = append(all, e.New)
	}
	for _, e := range cat.Criteria {
		all = append(all, e.New)
	}
	for _, f := range all {
		_, err := c.digest(nil, f)
		require.NoError(t, err)
	}
	_, err = c.digest(reporting, all...)
	require.NoError(t, err)
}

// edited is the default catalogue with a text in a package's file replaced.
func edited(t *testing.T, pkg, file, from, to string) *catalogue.Catalogue {
	t.Helper()
	cat := catalogue.Default()
	path := catalogue.Module + "/" + pkg
	files := fstest.MapFS{}
	entries, err := fs.ReadDir(cat.Code[path], ".")
	require.NoError(t, err)
	for _, e := range entries {
		b, err := fs.ReadFile(cat.Code[path], e.Name())
		require.NoError(t, err)
		if e.Name() == file {
			require.Equal(t, 1, strings.Count(string(b), from), "%s of %s", from, file)
			b = []byte(strings.Replace(string(b), from, to, 1))
		}
		files[e.Name()] = &fstest.MapFile{Data: b}
	}
	cat.Code[path] = files
	return cat
}

// What a change of the code makes anew: the results of what depends on it, and no others.
func TestOneConstantChangesOneKey(t *testing.T) {
	plain := catalogue.Default()
	coders := map[*catalogue.Catalogue]*coder{}
	code := func(cat *catalogue.Catalogue, engine string, kind string) audit.Digest {
		c, err := coders[cat], error(nil)
		if c == nil {
			c, err = newCoder(cat)
			require.NoError(t, err)
			coders[cat] = c
		}
		var d audit.Digest
		switch engine {
		case "model":
			d, err = c.digest(making, entry(cat.Families, audit.Item{Kind: "autoencoder"}), entry(cat.Unlearners(kind), audit.Item{Kind: kind}))
		case "attack":
			d, err = c.digest(attacking, entry(cat.Attacks, audit.Item{Kind: kind}))
		case "metric":
			d, err = c.digest(measuring, entry(cat.Metrics, audit.Item{Kind: kind}))
		case "verdict":
			d, err = c.digest(reporting, entry(cat.Criteria, audit.Item{Kind: kind}))
		}
		require.NoError(t, err)
		return d
	}
	var every []string
	for _, e := range slices.Concat(plain.Methods, plain.Gallery) {
		every = append(every, "model "+e.Name)
	}
	for _, e := range plain.Attacks {
		every = append(every, "attack "+e.Name)
	}
	for _, e := range plain.Metrics {
		every = append(every, "metric "+e.Name)
	}
	before := map[string]audit.Digest{}
	for _, k := range every {
		part, kind, _ := strings.Cut(k, " ")
		before[k] = code(plain, part, kind)
	}
	for _, c := range []struct {
		name, pkg, file, from, to string
		changes                   func(k string) bool
	}{
		{"a method's own constant", "methods", "dampening.go", "Dampening{Alpha: 2,", "Dampening{Alpha: 3,", is("model ssd")},
		{"the privacy accountant", "audit/stats", "gaussian.go", "sigma := hi * sensitivity", "sigma := 10 * hi * sensitivity",
			is("model decouple", "model dishonest/sign-mutant", "model dishonest/revived")},
		{"an attack's", "attacks", "neighbours.go", "[]float64{0.1, 0.5}, Copies: 4", "[]float64{0.1, 0.5}, Copies: 5", is("attack neighbours")},
		{"a criterion's margin", "audit/criteria", "relearning.go", "Gap{Margin: 0.2", "Gap{Margin: 0.3", is()},
		{"what all models are trained by", "internal/torch", "adam.go", "package torch", "package torch // changed",
			func(string) bool { return true }},
		{"another family", "internal/families/palette", "palette.go", "BetaStart: 1e-4", "BetaStart: 2e-4", is()},
	} {
		t.Run(c.name, func(t *testing.T) {
			cat := edited(t, c.pkg, c.file, c.from, c.to)
			var got []string
			for _, k := range every {
				part, kind, _ := strings.Cut(k, " ")
				if code(cat, part, kind) != before[k] {
					got = append(got, k)
				}
			}
			var want []string
			for _, k := range every {
				if c.changes(k) {
					want = append(want, k)
				}
			}
			assert.Equal(t, want, got)
		})
	}
	relaxed := edited(t, "audit/criteria", "relearning.go", "Gap{Margin: 0.2", "Gap{Margin: 0.3")
	assert.NotEqual(t, code(plain, "verdict", "relearning"), code(relaxed, "verdict", "relearning"), "the report's code tells")
}

func is(names ...string) func(string) bool {
	return func(k string) bool { return slices.Contains(names, k) }
}
