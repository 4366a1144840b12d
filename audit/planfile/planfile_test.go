package planfile_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/attacks"
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/audit/planfile"
	"github.com/lethe-audit/lethe/fixtures"
	"github.com/lethe-audit/lethe/internal/golden"
)

// least is the shortest plan.
const least = `lethe: 1
data: shapes
task: inpaint
model: {kind: autoencoder}
`

func parse(t *testing.T, text string, settings ...string) audit.Plan {
	t.Helper()
	p, err := planfile.Parse(catalogue.Default(), "plan.yml", []byte(text), settings...)
	require.NoError(t, err)
	return p
}

func kinds(items []audit.Item) []string {
	var out []string
	for _, it := range items {
		out = append(out, it.Kind)
	}
	return out
}

func TestDefaults(t *testing.T) {
	p := parse(t, least)
	assert.Equal(t, 1, p.Version)
	assert.Equal(t, "audit", p.Name)
	assert.Equal(t, 3, p.Oracles)
	assert.Equal(t, 0.05, p.Alpha)
	assert.Equal(t, audit.Train{Epochs: 200, Batch: 64, LR: 1e-3}, p.Train)
	assert.Equal(t, audit.Forgets{Kind: "random", Fraction: 0.25}, p.Forget)
	assert.Equal(t, "fixture", p.Features.Kind)
	assert.JSONEq(t, `{"train": 512, "test": 512, "size": 32}`, string(p.Data.Params))
	assert.Empty(t, p.Claims)
}

// What criteria read is measured whether the plan lists it or not; what has no
// object is left out.
func TestCriteriaBringWhatTheyRead(t *testing.T) {
	p := parse(t, least)
	assert.Equal(t, []string{"membership", "ood", "realism", "utility", "neighbours"}, kinds(p.Criteria), "nothing is poisoned")
	for _, it := range p.Criteria {
		c, err := criteria.All.New(it.Kind)
		require.NoError(t, err)
		needed, attacks := c.Needs()
		assert.Subset(t, kinds(p.Metrics), needed, it.Kind)
		assert.Subset(t, kinds(p.Attacks), attacks, it.Kind)
	}
	assert.Equal(t, []string{"membership", "neighbours"}, kinds(p.Attacks))
	assert.Equal(t, []string{"random-weights"}, kinds(p.Methods))

	p = parse(t, least+"forget: {kind: random, fraction: 0.5, poisoned: 0.5}\n")
	assert.Contains(t, kinds(p.Criteria), "backdoor")
	assert.Contains(t, kinds(p.Attacks), "poisoning")

	p = parse(t, least+"criteria: {ood: }\nmetrics: [displacement, psnr]\n")
	assert.Equal(t, []string{"ood"}, kinds(p.Criteria))
	assert.Equal(t, []string{"displacement", "psnr"}, kinds(p.Metrics))
	assert.Empty(t, p.Methods)
}

func TestControlIsListedOnce(t *testing.T) {
	p := parse(t, least+"methods:\n  - {kind: random-weights, as: untrained}\n  - {kind: original, as: no-op}\n")
	require.Len(t, p.Methods, 2)
	assert.Equal(t, "untrained", p.Methods[0].Name())
}

func TestSettings(t *testing.T) {
	p := parse(t, least, "train.epochs=7", "data.size=64", "seed=18446744073709551615", "name=other",
		"forget={kind: class, classes: [cat, 3]}", "methods=[fine-tune]", "criteria.ood.margin=0.25", "oracles=2")
	assert.Equal(t, audit.Train{Epochs: 7, Batch: 64, LR: 1e-3}, p.Train)
	assert.JSONEq(t, `{"train": 512, "test": 512, "size": 64}`, string(p.Data.Params))
	assert.Equal(t, uint64(1<<64-1), p.Seed)
	assert.Equal(t, "other", p.Name)
	assert.Equal(t, []string{"cat", "3"}, p.Forget.Classes)
	assert.Equal(t, "fine-tune", p.Methods[0].Kind)
	assert.Equal(t, []string{"ood"}, kinds(p.Criteria))
	assert.Contains(t, string(p.Criteria[0].Params), "0.25")
	assert.Equal(t, 2, p.Oracles)
}

// The last of several settings holds, and settings count like the file's text.
func TestSettingsEqualText(t *testing.T) {
	want, err := parse(t, least+"seed: 4\n").Digest()
	require.NoError(t, err)
	got, err := parse(t, least, "seed=3", "seed=4").Digest()
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

func TestEmbeddedPlansParse(t *testing.T) {
	names := fixtures.PlanNames()
	require.NotEmpty(t, names)
	for _, n := range names {
		b, err := fixtures.Plan(n)
		require.NoError(t, err)
		p, err := planfile.Parse(catalogue.Default(), n, b, needs(n)...)
		require.NoError(t, err, n)
		assert.NotEmpty(t, p.Methods, n)
		assert.NotEmpty(t, p.Criteria, n)
	}
}

// needs is what a plan on data that does not come with Lethe must be told.
func needs(name string) []string {
	if name == fixtures.Default || strings.HasPrefix(name, "shapes") || name == "field" || strings.HasPrefix(name, "calibration") {
		return nil
	}
	return []string{"data.path=folder"}
}

// An embedded plan is found by its name even where a folder has that name.
func TestEmbeddedPlanBesideAFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir(fixtures.Default, 0o755))
	_, err := planfile.Read(catalogue.Default(), fixtures.Default)
	require.NoError(t, err)
}

func TestFileGoesBeforeEmbedded(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile(fixtures.Default, []byte(least+"name: mine\n"), 0o644))
	p, err := planfile.Read(catalogue.Default(), fixtures.Default)
	require.NoError(t, err)
	assert.Equal(t, "mine", p.Name)
}

// The digest of a plan that spells everything out must not change: run folders
// are known by it.
func TestDigestIsStable(t *testing.T) {
	p, err := planfile.Read(catalogue.Default(), filepath.Join("testdata", "spelled-out.yml"))
	require.NoError(t, err)
	d, err := p.Digest()
	require.NoError(t, err)
	b, err := json.MarshalIndent(p, "", "  ")
	require.NoError(t, err)
	golden.File(t, []byte(string(d)+"\n"+string(b)+"\n"), "testdata", "spelled-out.golden")
}

func TestDigestIgnoresFormAndKnowsContent(t *testing.T) {
	a := parse(t, "# comments and order do not count\nmodel: autoencoder\ntask: {hole: 0.5, kind: inpaint}\ndata: {kind: shapes}\nlethe: 1\n")
	b := parse(t, least)
	assert.Equal(t, a, b)
	seen := map[audit.Digest]string{}
	for _, s := range []string{"seed=1", "name=x", "data.size=64", "forget.poisoned=0.5", "task.hole=0.25", "model.width=8", "train.lr=0.1",
		"oracles=4", "methods=[retrain]", "metrics=[ssim]", "alpha=0.01", "criteria.ood.margin=0.3", "claims=[{method: " +
			"original, outcome: fail}]"} {
		if s == "forget.poisoned=0.5" {
			s = "forget={kind: random, fraction: 0.25, poisoned: 0.5}"
		}
		d, err := parse(t, least, s).Digest()
		require.NoError(t, err)
		assert.Empty(t, seen[d], s)
		seen[d] = s
	}
}

// A plan that was written as JSON and read again is the same plan.
func TestPlanSurvivesJSON(t *testing.T) {
	for _, n := range fixtures.PlanNames() {
		p, err := planfile.Read(catalogue.Default(), n, needs(n)...)
		require.NoError(t, err)
		b, err := json.MarshalIndent(p, "", " ")
		require.NoError(t, err)
		var q audit.Plan
		require.NoError(t, json.Unmarshal(b, &q))
		want, err := p.Digest()
		require.NoError(t, err)
		got, err := q.Digest()
		require.NoError(t, err)
		assert.Equal(t, want, got, n)
	}
}

// An attack with settings of the plan's own is marked, one that spells the defaults out is not.
func TestOwnAttacks(t *testing.T) {
	p := parse(t, least+"profile: standard\nattacks: [{kind: relearning, steps: 1}, {kind: views}, membership]\n")
	for _, it := range p.Attacks {
		assert.Equal(t, it.Kind == "relearning", it.Own, it.Kind)
	}
}

// A profile is a family of criteria; criteria beside it change margins, or are added.
func TestProfiles(t *testing.T) {
	family := func(text string) (names []string, margins []string) {
		for _, it := range parse(t, least+text).Criteria {
			names, margins = append(names, it.Kind), append(margins, string(it.Params))
		}
		return names, margins
	}
	quick, _ := family("")
	named, _ := family("profile: quick\n")
	assert.Equal(t, quick, named, "the first profile is the usual one")
	alone, _ := family("criteria: {utility: {test: 0.3}}\n")
	assert.Equal(t, []string{"utility"}, alone)
	changed, margins := family("profile: quick\ncriteria: {utility: {test: 0.3}}\n")
	assert.Equal(t, quick, changed)
	assert.Contains(t, margins, `{"retain":0.7,"test":0.3}`)
	for _, p := range criteria.Profiles {
		names, _ := family("profile: " + p.Name + "\n")
		assert.Subset(t, criteria.Members(criteria.All, p.Name), names)
		assert.Subset(t, kinds(parse(t, least+"profile: "+p.Name+"\n",
			"forget={kind: random, fraction: 0.2, poisoned: 0.2}").Attacks), criteria.Members(attacks.All, p.Name))
		assert.NotContains(t, kinds(parse(t, least+"profile: "+p.Name+"\n").Attacks), "trigger-inversion", "nothing is poisoned")
	}
	strict, _ := family("profile: strict\n")
	assert.NotContains(t, strict, "likelihood", "an autoencoder's loss is the error of its painting")
	assert.Contains(t, kinds(parse(t, least+"profile: standard\n", "model={kind: palette}").Criteria), "likelihood")
	asked := parse(t, least+"profile: strict\ncriteria: {likelihood: {}}\n")
	assert.Contains(t, kinds(asked.Criteria), "likelihood", "asked for by name it stays, and says why it does not apply")
	assert.Contains(t, kinds(asked.Attacks), "likelihood")
	_, err := planfile.Parse(catalogue.Default(), "plan.yml", []byte(least+"profile: lax\n"))
	assert.ErrorContains(t, err, `profile: unknown profile "lax": want one of quick, standard, strict`)
}
