package planfile_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/planfile"
	"github.com/lethe-audit/lethe/fixtures"
)

func schema(t *testing.T) *jsonschema.Resolved {
	t.Helper()
	s, err := planfile.Schema(catalogue.Default())
	require.NoError(t, err)
	b, err := json.Marshal(s) // as an editor reads it
	require.NoError(t, err)
	var again jsonschema.Schema
	require.NoError(t, json.Unmarshal(b, &again))
	r, err := again.Resolve(&jsonschema.ResolveOptions{ValidateDefaults: true})
	require.NoError(t, err)
	return r
}

// document is a YAML text as JSON has it.
func document(t *testing.T, b []byte) any {
	t.Helper()
	var v any
	require.NoError(t, yaml.Load(b, &v))
	j, err := json.Marshal(v)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(j, &v))
	return v
}

func TestSchemaAcceptsPlans(t *testing.T) {
	s := schema(t)
	for _, n := range fixtures.PlanNames() {
		b, err := fixtures.Plan(n)
		require.NoError(t, err)
		assert.NoError(t, s.Validate(document(t, b)), n)
	}
	spelled, err := os.ReadFile(filepath.Join("testdata", "spelled-out.yml"))
	require.NoError(t, err)
	for _, text := range []string{least, string(spelled), least +
		"criteria: {ood: }\nmethods:\nclaims: [{method: original, outcome: Not-Applicable}]\n"} {
		assert.NoError(t, s.Validate(document(t, []byte(text))), text)
	}
}

// What only reading the plan can know is no matter of the schema.
var beyondSchema = map[string]string{
	"oracles-most-alone":                    "two numbers that belong together",
	"oracles-until-from-two":                "two numbers that fit each other",
	"oracles-until-most":                    "two numbers that fit each other",
	"oracles-vary-impossible-value":         "what retrain itself checks",
	"alias-for-an-item":                     "aliases are gone in JSON",
	"merge-key":                             "merge keys are gone in JSON",
	"duplicate-key":                         "a JSON object has a key once",
	"duplicate-key-of-an-item":              "a JSON object has a key once",
	"second-document":                       "not one document",
	"not-yaml":                              "not a document",
	"empty":                                 "not a document",
	"comments-only":                         "not a document",
	"binary":                                "not a document",
	"impossible-lr":                         "JSON has no NaN",
	"impossible-margin-nan":                 "JSON has no NaN",
	"impossible-epochs":                     "ranges",
	"impossible-fraction":                   "ranges",
	"impossible-poisoned":                   "ranges",
	"impossible-proxy":                      "ranges",
	"proxy-twice":                           "one of two keys",
	"retain-without-proxies":                "depends on the forget set",
	"impossible-size":                       "ranges",
	"impossible-hole":                       "ranges",
	"impossible-cycles":                     "ranges",
	"impossible-several":                    "ranges",
	"impossible-margin":                     "ranges",
	"classes-missing":                       "depends on the kind",
	"file-missing":                          "depends on the kind",
	"path-missing":                          "may be given with --data",
	"sha256-missing":                        "may be given with --set",
	"model-file-missing":                    "reads the file",
	"precision-of-a-module":                 "depends on the model",
	"original-without-a-file":               "reads the file",
	"secret-without-a-file":                 "reads the file",
	"two-methods-of-one-name":               "compares items",
	"two-metrics-of-one-kind":               "compares items",
	"reserved-original":                     "names",
	"reserved-oracle":                       "names",
	"reserved-control":                      "names",
	"claim-about-an-unknown-method":         "names",
	"claim-about-an-unknown-criterion":      "names",
	"claim-about-a-backdoor-without-poison": "names",
}

func TestSchemaRejectsBadPlans(t *testing.T) {
	s := schema(t)
	files, err := filepath.Glob(filepath.Join("testdata", "bad", "*.yml"))
	require.NoError(t, err)
	rejected := 0
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".yml")
		if beyondSchema[name] != "" {
			continue
		}
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		assert.Error(t, s.Validate(document(t, b)), name)
		rejected++
	}
	assert.Greater(t, rejected, 30)
}

// Every default that the schema tells is the one that a plan gets.
func TestSchemaTellsDefaults(t *testing.T) {
	s, err := planfile.Schema(catalogue.Default())
	require.NoError(t, err)
	for _, k := range s.Properties["data"].OneOf {
		if c := k.Properties["kind"]; c == nil || *c.Const != "shapes" {
			continue
		}
		var got = map[string]json.RawMessage{}
		for name, p := range k.Properties {
			if name != "kind" {
				got[name] = p.Default
			}
		}
		b, err := json.Marshal(got)
		require.NoError(t, err)
		assert.JSONEq(t, string(parse(t, least).Data.Params), string(b))
		return
	}
	t.Fatal("the schema does not know shapes")
}
