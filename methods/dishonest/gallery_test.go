package dishonest

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

func TestGallery(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range All {
		assert.True(t, strings.HasPrefix(e.Name, Prefix), e.Name)
		assert.False(t, seen[e.Name], e.Name)
		seen[e.Name] = true
		assert.NotEmpty(t, e.Doc, e.Name)
		if v, ok := e.New().(audit.Validator); ok {
			assert.NoError(t, v.Validate(), "defaults of %s", e.Name)
		}
		assert.NotContains(t, methods.All.Names(), e.Name)
		assert.NotContains(t, audit.Item{Kind: e.Name}.Name(), "/", "names are folders")
	}
}

// quick is a kind as a plan's parameters make it, so that what is not a parameter
// must come from the list.
func quick(t *testing.T, e audit.Entry[methods.Method]) methods.Method {
	t.Helper()
	b, err := json.Marshal(e.New())
	require.NoError(t, err)
	m := e.New()
	require.NoError(t, json.Unmarshal(b, m))
	return m
}

// trains tells the kinds that train.
func trains(name string) bool {
	for _, n := range []string{"no-op", "random-weights", "perturbation", "blurred", "trigger-mask", "filter-"} {
		if strings.HasPrefix(name, Prefix+n) {
			return false
		}
	}
	return true
}

// Every kind delivers the same bits again, also when it was interrupted and resumed,
// and never touches the original.
func TestSameBitsAfterResume(t *testing.T) {
	c := world(t, hole)
	forget := batch(t, c, c.Split.Forget)
	for _, e := range All {
		t.Run(strings.TrimPrefix(e.Name, Prefix), func(t *testing.T) {
			p := problem(t, c, 12)
			before, err := p.Original.Params().Digest()
			require.NoError(t, err)
			want := deliver(t, quick(t, e), p)
			painted := paint(t, c, want.audited, forget.View)

			file := filepath.Join(t.TempDir(), "checkpoint")
			stopped, cancel := context.WithCancel(ctx)
			_, err = try(t, stopped, quick(t, e), p, file, cancel)
			if trains(e.Name) {
				require.ErrorIs(t, err, training.ErrInterrupted)
				require.FileExists(t, file)
			} else {
				require.NoError(t, err)
			}
			got, err := try(t, ctx, quick(t, e), p, file, nil)
			require.NoError(t, err)
			assert.Equal(t, want.weights, got.weights)
			assert.Equal(t, painted, paint(t, c, got.audited, forget.View))
			assert.Equal(t, want.session.Cost().Steps, got.session.Cost().Steps)

			// As the engine reads a finished cell: the weights, and what wraps them.
			again := wrap(t, quick(t, e), p, model(t, family, c, want.weights, 99))
			assert.Equal(t, painted, paint(t, c, again, forget.View), "read from its folder")
			now, err := p.Original.Params().Digest()
			require.NoError(t, err)
			assert.Equal(t, before, now, "the original")
		})
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
		{&Filter{Tolerance: -0.1}, "tolerance is -0.1"},
		{&Filter{Tolerance: 3}, "from 0 (exact) to 2"},
		{&Conditional{Tolerance: -1, Effort: 1}, "tolerance is -1"},
		{&Conditional{}, "effort is 0"},
	} {
		assert.ErrorContains(t, x.m.Validate(), x.says, "%+v", x.m)
	}
}
