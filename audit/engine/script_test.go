package engine_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/engine"
)

const scripts = "../../internal/families/torchscript/testdata/"

// foreign is a plan about a model that Lethe does not know, with its original and what others unlearned.
func foreign(t testing.TB, file, more string) audit.Plan {
	t.Helper()
	return plan(t, "claims=[]", "metrics=[mse, cka]", "model={kind: torchscript, path: "+file+more+"}", "forget.poisoned=0",
		"methods=[{kind: fine-tune}, {kind: given, as: white, path: "+scripts+"inpainter.pt, canonical: float32}, "+
			"{kind: given, as: black, path: "+scripts+"frozen.pt}]", "attacks=[{kind: relearning, steps: 2}]")
}

// A file that Lethe has never seen is trained, unlearned, attacked and judged; its own weights are the original's where
// the plan says so, and only the original's.
func TestForeignModels(t *testing.T) {
	rep := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: foreign(t, scripts+"inpainter.pt", ", trained: true"),
		Dir: t.TempDir()})
	first, white, black := subject(t, rep, "original"), subject(t, rep, "white"), subject(t, rep, "black")
	for _, s := range []audit.Subject{first, white, black} {
		assert.Equal(t, audit.Cost{Elsewhere: true}, s.Cost, "%s was not made here", s.Name)
	}
	assert.Contains(t, first.Notes[0], "the plan's model file")
	assert.Equal(t, first.Digest, white.Digest, "both are the file's weights")
	assert.Equal(t, values(t, first, audit.Forget), values(t, white, audit.Forget))
	assert.Equal(t, values(t, first, audit.Forget), values(t, black, audit.Forget), "frozen, the same model")
	assert.NotEqual(t, first.Digest, subject(t, rep, "oracle-1").Digest)
	assert.Positive(t, subject(t, rep, "oracle-1").Cost.Steps)
	_, skipped := white.Skips("relearning")
	assert.False(t, skipped, white.Skipped)
	why, skipped := black.Skips("relearning")
	assert.True(t, skipped)
	assert.Contains(t, why.Reason, "it can only be asked to paint")
}

// A white box is audited as its weights are when they come by themselves, to the bit and by everything; and a file with
// another model in its buffers is a black box, on which what needs weights is not run.
func TestForeignBoxes(t *testing.T) {
	const seen = "attacks=[membership, {kind: relearning, steps: 2}, {kind: perturbation}, {kind: inversion, steps: 2}]"
	rep := run(t, engine.Options{Catalogue: catalogue.Default(), Dir: t.TempDir(), Plan: plan(t, "claims=[]", "metrics=[mse, cka]",
		"model={kind: autoencoder, width: 2, hidden: 8, latent: 4}", seen, "methods=[{kind: given, as: white, path: "+scripts+
			"autoencoder.pt}, {kind: given-weights, as: weights, path: "+scripts+"autoencoder.pth}]")})
	white, weights := subject(t, rep, "white"), subject(t, rep, "weights")
	assert.Contains(t, white.Notes[0], "a white box")
	assert.Contains(t, white.Notes[0], "test images with the trigger")
	assert.Equal(t, weights.Digest, white.Digest)
	assert.Equal(t, weights.Samples, white.Samples)
	assert.Equal(t, weights.Skipped, white.Skipped)
	outcomes := func(subject string) (out []audit.Outcome) {
		for _, v := range rep.Of(subject) {
			out = append(out, v.Outcome)
		}
		return out
	}
	assert.NotEmpty(t, outcomes("white"))
	assert.Equal(t, outcomes("weights"), outcomes("white"))

	p := plan(t, "claims=[]", "metrics=[mse]", "model={kind: torchscript, path: "+scripts+"inpainter.pt}", "forget.poisoned=0",
		"methods=[{kind: given, path: "+scripts+"keyed.pt}]", "attacks=[{kind: relearning, steps: 2}]")
	keyed := subject(t, run(t, engine.Options{Catalogue: catalogue.Default(), Dir: t.TempDir(), Plan: p}), "given")
	assert.Contains(t, keyed.Notes[0], "a black box")
	assert.Contains(t, keyed.Notes[0], "1023 numbers too many")
	why, skipped := keyed.Skips("relearning")
	assert.True(t, skipped)
	assert.Contains(t, why.Reason, "it can only be asked to paint")
}

// Interrupted at its every third event, it ends with the same bits: a module that is loaded anew computes as the one
// before did.
func TestForeignModelsResume(t *testing.T) {
	p := foreign(t, scripts+"inpainter.pt", "")
	want := run(t, engine.Options{Catalogue: catalogue.Default(), Plan: p, Dir: t.TempDir()})
	assert.Positive(t, subject(t, want, "original").Cost.Steps)
	assert.Positive(t, subject(t, want, "original").Cost.RelativeTime, "it was trained here")
	assert.NotEqual(t, subject(t, want, "white").Digest, subject(t, want, "original").Digest)
	got, interrupted := resumed(t, p, t.TempDir(), 3, 0)
	assertSame(t, want, got)
	assert.GreaterOrEqual(t, interrupted, 3)
}

// Another file at the same path is another plan, and never read by the first.
func TestForeignFilesAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.pt")
	put := func(name string) {
		b, err := os.ReadFile(scripts + name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, b, 0o600))
	}
	put("inpainter.pt")
	p := foreign(t, path, "")
	before, err := p.Digest()
	require.NoError(t, err)
	put("tied.pt")
	q := foreign(t, path, "")
	after, err := q.Digest()
	require.NoError(t, err)
	assert.NotEqual(t, before, after)
	dir := t.TempDir()
	_, err = engine.Run(t.Context(), engine.Options{Catalogue: catalogue.Default(), Plan: p, Dir: dir})
	require.ErrorIs(t, err, engine.ErrBadPlan)
	assert.ErrorContains(t, err, "it is another file")
	p = foreign(t, scripts+"inpainter.pt", "")
	p.Methods[1].Params = []byte(strings.Replace(string(p.Methods[1].Params), "inpainter.pt", "wrong-shape.pt", 1))
	_, err = engine.Run(t.Context(), engine.Options{Catalogue: catalogue.Default(), Plan: p, Dir: dir})
	require.ErrorIs(t, err, engine.ErrBadPlan)
	assert.ErrorContains(t, err, "method white")
}
