package verify_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/audit/verify"
)

func check(t testing.TB, r *audit.Report) verify.Result {
	t.Helper()
	res, err := verify.Report(r, criteria.All)
	require.NoError(t, err)
	return res
}

func TestWhatFollowsHasNoDifference(t *testing.T) {
	r := made(t, 24)
	for _, o := range []audit.Outcome{audit.NotRun, audit.PassOwn, audit.Fail} {
		found := false
		for _, v := range r.Verdicts {
			found = found || v.Outcome == o
		}
		assert.True(t, found, "no verdict is %s: the report tries too little", o)
	}
	for _, x := range []*audit.Report{r, copied(t, r)} {
		res := check(t, x)
		require.NoError(t, res.Err())
		assert.Equal(t, "15 verdicts and 3 claims follow from 42 stored samples of 8 models. This recomputes the judgement; it "+
			"does not prove how the samples were taken.", res.String())
	}
}

// Every edit of what can be recomputed is found, and told as what it is.
func TestTampering(t *testing.T) {
	clean := made(t, 24)
	for _, c := range []struct {
		name string
		edit func(*audit.Report)
		kind verify.Kind
		says string
	}{
		{"outcome", func(r *audit.Report) { at(r, "fine-tune", "membership").Outcome = audit.Pass }, verify.Verdict,
			"fine-tune, membership: the samples say FAIL, the report says PASS"},
		{"outcome of what broke", func(r *audit.Report) { at(r, "decouple", "ood").Outcome = audit.Pass }, verify.Verdict,
			"decouple, ood: the samples say NOT RUN, the report says PASS"},
		{"reason", func(r *audit.Report) { r.Verdicts[0].Reason += " (or so)" }, verify.Verdict, `(or so)"`},
		{"criterion", func(r *audit.Report) { at(r, "honest", "ood").Criterion = "odd" }, verify.Verdict,
			"honest, ood: the samples say PASS BY THE PLAN'S OWN MARGINS, the report says nothing"},
		{"subject", func(r *audit.Report) { at(r, "honest", "ood").Subject = "fine-tune" }, verify.Verdict,
			"honest, ood: the samples say PASS BY THE PLAN'S OWN MARGINS, the report says nothing"},
		{"p of equality", func(r *audit.Report) { at(r, "honest", "utility").PEqual *= 1 + 1e-15 }, verify.Verdict,
			"honest, utility: the samples say pEqual "},
		{"p of difference", func(r *audit.Report) { at(r, "honest", "utility").PDiffer /= 2 }, verify.Verdict,
			"honest, utility: the samples say pDiffer "},
		{"alpha of a verdict", func(r *audit.Report) { r.Verdicts[1].Alpha = 0.1 }, verify.Verdict,
			"original, ood: the samples say alpha 0.05, the report says alpha 0.1"},
		{"warning", func(r *audit.Report) { r.Verdicts[1].Warnings = []string{"beware"} }, verify.Verdict,
			"original, ood: the samples say number of warnings 0, the report says number of warnings 1"},
		{"missing verdict", func(r *audit.Report) { r.Verdicts = r.Verdicts[1:] }, verify.Verdict,
			"original, membership: the samples say FAIL, the report says nothing"},
		{"all verdicts", func(r *audit.Report) { r.Verdicts = nil }, verify.Overall,
			`fine-tune: the samples say overall "FAIL (remembers)", the report says overall "NOT RUN"`},
		{"one verdict more", func(r *audit.Report) { r.Verdicts = append(r.Verdicts, *at(r, "honest", "ood")) }, verify.Verdict,
			"honest, ood: the samples say nothing, the report says PASS"},
		{"order of verdicts", func(r *audit.Report) { r.Verdicts[0], r.Verdicts[1] = r.Verdicts[1], r.Verdicts[0] },
			verify.Verdict, "original, membership: the samples say place 1, the report says place 2"},
		{"overall", func(r *audit.Report) {
			for i := range r.Verdicts {
				r.Verdicts[i].Outcome = audit.Pass
			}
		}, verify.Overall, `fine-tune: the samples say overall "FAIL (remembers)", the report says overall "PASS"`},
		{"claim's outcome", func(r *audit.Report) { r.Claims[0].Outcome = audit.Pass }, verify.Claim,
			"claim fine-tune: FAIL: the samples say FAIL, the report says PASS"},
		{"claim that holds", func(r *audit.Report) { r.Claims[1].Holds = true }, verify.Claim,
			"claim fine-tune, membership: PASS: the samples say holds false, the report says holds true"},
		{"exit code", func(r *audit.Report) { r.Claims[1].Holds = true }, verify.ExitCode,
			"the samples say exit code 1, the report says exit code 3"},
		{"claim that is open", func(r *audit.Report) { r.Claims[2].Open = false }, verify.Claim,
			"claim decouple: FAIL: the samples say open true, the report says open false"},
		{"claim's finding", func(r *audit.Report) { r.Claims[0].Found = audit.Pass }, verify.Claim,
			"claim fine-tune: FAIL: the samples say found FAIL, the report says found PASS"},
		{"claim's reason", func(r *audit.Report) { r.Claims[0].Reason = "" }, verify.Claim, `the report says reason ""`},
		{"missing claim", func(r *audit.Report) { r.Claims = r.Claims[:2] }, verify.Claim,
			"claim decouple: FAIL: the samples say found INCONCLUSIVE, the report says found nothing"},
		{"one claim more", func(r *audit.Report) { r.Claims = append(r.Claims, r.Claims[0]) }, verify.Claim,
			"claim fine-tune: FAIL: the samples say found nothing, the report says found FAIL"},
		{"margin", func(r *audit.Report) { r.Plan.Criteria[0].Params = json.RawMessage(`{"margin": 9, "share": 0.9}`) },
			verify.Plan, "one of them was changed"},
		{"margin, digest mended", func(r *audit.Report) {
			r.Plan.Criteria[0].Params = json.RawMessage(`{"margin": 9, "share": 0.9}`)
			r.Digest = digest(t, r)
		}, verify.Verdict, "original, membership: the samples say "},
		{"claim of the plan, digest mended", func(r *audit.Report) {
			r.Plan.Claims[1].Outcome = audit.Fail
			r.Digest = digest(t,
				r)
		}, verify.Claim, "holds true"},
		{"digest", func(r *audit.Report) { r.Digest = "\x1b[2J" }, verify.Plan, `the report says "\x1b[2J"`},
		{"sample", func(r *audit.Report) { r.Subjects[5].Samples[0].Values[3] *= 2 }, verify.Verdict, "fine-tune, membership: the samples say "},
		{"retrained models among themselves", func(r *audit.Report) { r.Null[1].Outcome = audit.Fail }, verify.Verdict,
			"oracle-1, ood: the samples say PASS BY THE PLAN'S OWN MARGINS, the report says FAIL"},
		{"a retrained model's verdict left out", func(r *audit.Report) { r.Null = r.Null[:len(r.Null)-1] }, verify.Verdict,
			"oracle-3, utility: the samples say"},
		{"own margins left out", func(r *audit.Report) { r.Own = nil }, verify.Verdict, "margins of the plan's own"},
		{"sample of an oracle", func(r *audit.Report) { r.Subjects[2].Samples[3].Values[3] *= 1.0001 }, verify.Verdict,
			"honest, utility: the samples say "},
		{"sample twice", func(r *audit.Report) { r.Subjects[4].Samples = append(r.Subjects[4].Samples, r.Subjects[4].Samples[0]) }, verify.Sample,
			"honest: sample reconstruction-error/hole/forget: it stands there twice"},
		{"image without a value", func(r *audit.Report) { r.Shadows[0].Samples[0].Index = r.Shadows[0].Samples[0].Index[1:] },
			verify.Sample, "24 values for 23 images"},
		{"error taken back", func(r *audit.Report) { r.Subjects[6].Error = "" }, verify.Verdict, "decouple, membership: the samples say "},
		{"model left out", func(r *audit.Report) { drop(r, "fine-tune") }, verify.Subject,
			"model 6: the plan gives fine-tune of kind fine-tune, the report says decouple method of kind decouple"},
		{"last model left out", func(r *audit.Report) { drop(r, "random-weights") }, verify.Subject,
			"model 8: the plan gives random-weights of kind random-weights, the report says nothing"},
		{"model twice", func(r *audit.Report) { r.Subjects = append(r.Subjects, r.Subjects[4]) }, verify.Subject,
			"honest: the plan gives models of that name 1, the report says models of that name 2"},
		{"method made an oracle", func(r *audit.Report) { r.Subjects[5].Role = audit.RoleOracle }, verify.Subject,
			"the report says fine-tune oracle of kind fine-tune"},
		{"oracle made a method", func(r *audit.Report) { r.Subjects[2].Role = audit.RoleMethod }, verify.Subject,
			"model 3: the plan gives oracle of kind retrain, "},
		{"role of a shadow", func(r *audit.Report) { r.Shadows[0].Role = audit.RoleMethod }, verify.Subject,
			`the plan gives role "shadow", the report says role "method"`},
		{"kind", func(r *audit.Report) { r.Subjects[5].Kind = "retrain" }, verify.Subject, "the report says fine-tune method of kind retrain"},
		{"relative time", func(r *audit.Report) { r.Subjects[5].Cost.RelativeTime = 0.01 }, verify.Cost,
			"fine-tune: the costs give relativeTime "},
		{"relative work", func(r *audit.Report) { r.Shadows[0].Cost.RelativeWork = 0.01 }, verify.Cost,
			"original@shadow-1: the costs give relativeWork "},
		{"made elsewhere", func(r *audit.Report) { r.Subjects[5].Cost.Elsewhere = true }, verify.Cost, "fine-tune: the costs give seconds 0, "},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := copied(t, clean)
			c.edit(r)
			res := check(t, r)
			require.Error(t, res.Err())
			var said []string
			for _, d := range res.Differences {
				if d.Kind == c.kind {
					said = append(said, d.String())
				}
			}
			assert.Contains(t, strings.Join(said, "\n"), c.says)
			assert.False(t, strings.ContainsAny(res.Err().Error(), "\x1b\r"), "control characters reach no terminal")
		})
	}
}

// Every number, text and flag of every finding is compared, whatever its name.
func TestTamperingWithFindings(t *testing.T) {
	clean := made(t, 24)
	var tree map[string]any
	b, err := json.Marshal(at(clean, "fine-tune", "membership").Findings[0])
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &tree))
	for _, field := range []string{"name", "scale", "estimate", "se", "df", "lo", "hi", "level", "margin", "sides", "pEqual",
		"pDiffer", "nullLo", "nullHi", "control", "controlAt", "powered", "images", "seeds"} {
		require.Contains(t, tree, field)
	}
	for field, old := range tree {
		changed := map[string]any{}
		for k, v := range tree {
			changed[k] = v
		}
		switch x := old.(type) {
		case float64:
			changed[field] = math.Nextafter(x, 1e9)
			if field == "images" || field == "seeds" {
				changed[field] = x + 1
			}
		case string:
			changed[field] = x + "!"
		case bool:
			changed[field] = !x
		}
		text, err := json.Marshal(changed)
		require.NoError(t, err)
		r := copied(t, clean)
		f := &at(r, "fine-tune", "membership").Findings[0]
		*f = audit.Finding{}
		require.NoError(t, json.Unmarshal(text, f))
		res := check(t, r)
		require.Len(t, res.Differences, 1, field)
		assert.Equal(t, "findings[0]."+field, res.Differences[0].Field)
		assert.Equal(t, "fine-tune, membership", res.Differences[0].Name)
	}
}

// What another architecture rounded follows; what somebody changed does not.
func TestAnotherArchitecture(t *testing.T) {
	for _, c := range []struct {
		arch  string
		by    float64
		found bool
	}{{"another", 1e-12, false}, {"another", 1e-8, true}, {runtime.GOARCH, 1e-12, true}, {"", 1e-12, runtime.GOARCH == "amd64"}} {
		r := made(t, 24)
		r.Runtime.Arch = c.arch
		at(r, "honest", "utility").Findings[0].Estimate *= 1 + c.by
		assert.Equal(t, c.found, check(t, r).Err() != nil, "%q, %v", c.arch, c.by)
	}
	r := made(t, 24)
	r.Runtime.Arch = "another"
	at(r, "honest", "utility").Outcome = audit.Fail
	assert.Error(t, check(t, r).Err())
}

func TestWhatCannotBeJudged(t *testing.T) {
	for _, c := range []struct {
		edit func(*audit.Report)
		says string
	}{
		{func(r *audit.Report) { r.Plan.Criteria[0].Kind = "vibes" }, `unknown name "vibes": want one of membership,`},
		{func(r *audit.Report) { r.Plan.Criteria[1].Params = json.RawMessage(`{"quantile": 7}`) },
			"quantile is 7: want a number between 0 and 1"},
		{func(r *audit.Report) { r.Plan.Criteria[1].Params = json.RawMessage(`{"quintile": 7}`) },
			`unknown field "quintile": verify it with the version of lethe that wrote it (0.1.0)`},
		{func(r *audit.Report) { r.Plan.Alpha = 0.9 }, "alpha is 0.9: want an error rate between 0 and 0.5"},
	} {
		r := made(t, 8)
		c.edit(r)
		_, err := verify.Report(r, criteria.All)
		assert.ErrorContains(t, err, c.says)
	}
}

func TestDir(t *testing.T) {
	dir := t.TempDir()
	_, err := verify.Dir(dir, criteria.All)
	assert.ErrorContains(t, err, "no finished audit in "+dir)
	write := func(r *audit.Report) {
		b, err := json.MarshalIndent(r, "", "  ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, audit.ReportFile), b, 0o600))
	}
	r := made(t, 24)
	write(r)
	res, err := verify.Dir(dir, criteria.All)
	require.NoError(t, err)
	require.NoError(t, res.Err())
	for i := range r.Subjects[1].Samples {
		for k := range r.Subjects[1].Samples[i].Values {
			r.Subjects[1].Samples[i].Values[k] *= 0.5
		}
	}
	write(r)
	res, err = verify.Dir(dir, criteria.All)
	require.NoError(t, err)
	require.ErrorContains(t, res.Err(), " more")
	assert.Equal(t, 20, strings.Count(res.Err().Error(), "\n"), "a reader is shown 20, and how many more there are")
	var all verify.Differences
	require.ErrorAs(t, res.Err(), &all)
	assert.Greater(t, len(all), 20)
	r.Plan.Criteria[0].Kind = "vibes"
	write(r)
	_, err = verify.Dir(dir, criteria.All)
	assert.ErrorContains(t, err, dir+": ")
}

func digest(t testing.TB, r *audit.Report) audit.Digest {
	t.Helper()
	d, err := r.Plan.Digest()
	require.NoError(t, err)
	return d
}

// drop takes a model and its verdicts out.
func drop(r *audit.Report, name string) {
	var subjects []audit.Subject
	for _, s := range r.Subjects {
		if s.Name != name {
			subjects = append(subjects, s)
		}
	}
	var verdicts []audit.Verdict
	for _, v := range r.Verdicts {
		if v.Subject != name {
			verdicts = append(verdicts, v)
		}
	}
	r.Subjects, r.Verdicts = subjects, verdicts
}
