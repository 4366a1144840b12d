package training_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/checkpoint"
	"github.com/lethe-audit/lethe/internal/families/autoencoder"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

// Two steps in each of 3 + 1 + 4 + 1 + 2 epochs, and one change of the weights.
const (
	courseSteps = 22
	courseUnits = 12
)

// start begins or resumes the course as a new process would: with a fresh model.
func start(t *testing.T, file string, every time.Duration, tick func() error) *course {
	t.Helper()
	m := small(t)
	s, err := training.Open(m, file, "key", every)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return &course{m, s, tick}
}

func quiet() error { return nil }

// reference is the course without a checkpoint.
func reference(t *testing.T) result {
	t.Helper()
	r, err := start(t, "", 0, quiet).run(context.Background())
	require.NoError(t, err)
	assert.Equal(t, courseSteps, r.Steps)
	assert.Equal(t, courseSteps/2*images, r.Images)
	assert.Equal(t, []int{3, 1, 4, 1, 2}, r.Epochs, "the second phase stops early")
	require.Len(t, r.Curves, 6)
	return r
}

func TestResumesToTheSameBits(t *testing.T) {
	want := reference(t)
	again, err := start(t, "", 0, quiet).run(context.Background())
	require.NoError(t, err)
	require.Equal(t, want, again, "two runs")

	ticks := courseSteps + 1
	for stride, every := range map[int]time.Duration{1: time.Hour, 5: 0} { // a checkpoint at the end, or after each unit
		for at := 1; at <= ticks; at += stride { // every step, so every unit
			file := filepath.Join(t.TempDir(), "checkpoint.safetensors")
			ctx, cancel := context.WithCancelCause(context.Background())
			reason := errors.New("enough")
			n := 0
			_, err := start(t, file, every, func() error {
				if n++; n == at {
					cancel(reason)
				}
				return nil
			}).run(ctx)
			require.ErrorIs(t, err, training.ErrInterrupted, at)
			require.ErrorIs(t, err, reason, at)
			n = 0
			got, err := start(t, file, every, func() error { n++; return nil }).run(context.Background())
			require.NoError(t, err, at)
			require.Equal(t, want, got, "interrupted in step %d", at)
			require.Less(t, n, ticks, "what was done is not done again")
		}
	}
}

// One unit per run, then a run that has nothing left to do.
func TestResumesUnitByUnit(t *testing.T) {
	want := reference(t)
	file := filepath.Join(t.TempDir(), "checkpoint.safetensors")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for i := range courseUnits {
		_, err := start(t, file, time.Hour, quiet).run(ctx)
		require.ErrorIs(t, err, training.ErrInterrupted, i)
	}
	got, err := start(t, file, time.Hour, func() error { return errors.New("work was left") }).run(context.Background())
	require.NoError(t, err)
	require.Equal(t, want, got)
}

// A run that breaks off without notice loses what came after its last
// checkpoint, and nothing else.
func TestResumesAfterACrash(t *testing.T) {
	want := reference(t)
	crash := errors.New("no more memory")
	for at := 1; at <= courseSteps+1; at += 3 {
		file := filepath.Join(t.TempDir(), "checkpoint.safetensors")
		n := 0
		_, err := start(t, file, 0, func() error {
			if n++; n == at {
				return crash
			}
			return nil
		}).run(context.Background())
		require.ErrorIs(t, err, crash)
		n = 0
		got, err := start(t, file, 0, func() error { n++; return nil }).run(context.Background())
		require.NoError(t, err)
		require.Equal(t, want, got, "crashed in step %d", at)
		require.LessOrEqual(t, courseSteps+1-n, at-1)
		require.GreaterOrEqual(t, courseSteps+1-n, at-2, "at most the epoch's first step is repeated")
	}
}

func TestWithoutACheckpointInterruptionIsAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	_, err := start(t, "", 0, func() error {
		if n++; n == 3 {
			cancel()
		}
		return nil
	}).run(ctx)
	assert.ErrorIs(t, err, training.ErrInterrupted)
	assert.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 3, n)
}

// A checkpoint holds the seconds so far, to which a resumed session adds its own and no others: not those between the
// two. The bounds are readings of the same clock, taken around what it measures; no machine is too slow or too fast.
func TestSecondsAddUp(t *testing.T) {
	begun := time.Now()
	file := stored(t)
	var first float64
	const earlier = 1e6
	rewrite(func(_ map[string]checkpoint.Array, s map[string]any) {
		cost, ok := s["cost"].(map[string]any)
		require.True(t, ok)
		first, ok = cost["seconds"].(float64)
		require.True(t, ok)
		cost["seconds"] = earlier
	})(t, file)
	assert.Positive(t, first)
	assert.LessOrEqual(t, first, time.Since(begun).Seconds())

	begun = time.Now()
	second := start(t, file, 0, quiet)
	_, err := second.run(context.Background())
	require.NoError(t, err)
	assert.Greater(t, second.s.Cost().Seconds, earlier, "the first run's seconds count, and the second's")
	assert.LessOrEqual(t, second.s.Cost().Seconds, earlier+time.Since(begun).Seconds()+1e-6, "the time between the runs does not")
}

// stored is a checkpoint after the course's first unit.
func stored(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "checkpoint.safetensors")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := start(t, file, 0, quiet).run(ctx)
	require.ErrorIs(t, err, training.ErrInterrupted)
	return file
}

func TestOtherWorksCheckpointIsRefused(t *testing.T) {
	file := stored(t)
	before, err := os.ReadFile(file)
	require.NoError(t, err)
	_, err = training.Open(small(t), file, "another key", 0)
	assert.ErrorContains(t, err, "checkpoint "+file+" belongs to other work: delete it")
	after, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, before, after)
}

// rewrite changes what a checkpoint holds.
func rewrite(f func(arrays map[string]checkpoint.Array, state map[string]any)) func(t *testing.T, file string) {
	return func(t *testing.T, file string) {
		t.Helper()
		arrays, meta, err := checkpoint.Load(file)
		require.NoError(t, err)
		var state map[string]any
		require.NoError(t, json.Unmarshal([]byte(meta["state"]), &state))
		f(arrays, state)
		b, err := json.Marshal(state)
		require.NoError(t, err)
		require.NoError(t, checkpoint.Save(file, arrays, map[string]string{"state": string(b)}))
	}
}

func TestDamagedCheckpointsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		want   string
		damage func(t *testing.T, file string)
	}{
		"cut off": {"is not a whole safetensors file", func(t *testing.T, file string) {
			b, err := os.ReadFile(file)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(file, b[:len(b)-1], 0o600))
		}},
		"empty": {"is not a whole safetensors file", func(t *testing.T, file string) { require.NoError(t, os.WriteFile(file, nil, 0o600)) }},
		"a model's weights": {"is not a training checkpoint", func(t *testing.T, file string) {
			require.NoError(t, checkpoint.Save(file, map[string]checkpoint.Array{"w": {Shape: []int64{1}, Values: []float32{1}}}, nil))
		}},
		"no weights": {"is damaged (0 weights for", rewrite(func(a map[string]checkpoint.Array, _ map[string]any) {
			delete(a,
				"weights")
		})},
		"too few weights": {"is damaged (1 weights for", rewrite(func(a map[string]checkpoint.Array,
			_ map[string]any) {
			a["weights"] = cut(a["weights"], 1)
		})},
		"half of Adam": {"the optimiser's state is not whole", rewrite(func(a map[string]checkpoint.Array,
			_ map[string]any) {
			delete(a, "adam.v")
		})},
		"no Adam": {"the optimiser's state is not whole", rewrite(func(a map[string]checkpoint.Array,
			_ map[string]any) {
			delete(a, "adam.v")
			delete(a, "adam.m")
		})},
		"no work":          {"it holds no work", rewrite(func(_ map[string]checkpoint.Array, s map[string]any) { s["units"] = 0 })},
		"another's number": {"is not a training checkpoint", rewrite(func(_ map[string]checkpoint.Array, s map[string]any) { s["units"] = "x" })},
	} {
		t.Run(name, func(t *testing.T) {
			file := stored(t)
			c.damage(t, file)
			_, err := training.Open(small(t), file, "key", 0)
			require.ErrorContains(t, err, c.want)
			assert.ErrorContains(t, err, file)
			assert.ErrorContains(t, err, "delete it")
		})
	}
	// What only shows when the phase is known.
	for name, damage := range map[string]func(a map[string]checkpoint.Array, s map[string]any){
		"too little of Adam": func(a map[string]checkpoint.Array, _ map[string]any) {
			a["adam.m"], a["adam.v"] = cut(a["adam.m"], 1), cut(a["adam.v"], 1)
		},
		"Adam forgotten": func(a map[string]checkpoint.Array, s map[string]any) {
			delete(a, "adam.m")
			delete(a, "adam.v")
			s["adamStep"] = 0
		},
	} {
		t.Run(name, func(t *testing.T) {
			file := stored(t)
			rewrite(damage)(t, file)
			_, err := start(t, file, 0, quiet).run(context.Background())
			require.ErrorContains(t, err, "restore "+file)
			assert.ErrorContains(t, err, "delete it")
		})
	}
}

func cut(a checkpoint.Array, n int) checkpoint.Array {
	return checkpoint.Array{Shape: []int64{int64(n)}, Values: a.Values[:n]}
}

// A checkpoint that cannot be written is an error that names it, and the file
// before stays.
func TestUnwritableCheckpoint(t *testing.T) {
	file := filepath.Join(t.TempDir(), "none", "checkpoint.safetensors")
	_, err := start(t, file, 0, quiet).run(context.Background())
	assert.ErrorIs(t, err, os.ErrNotExist)
	assert.ErrorContains(t, err, file)
}

func TestProgressCountsEpochs(t *testing.T) {
	c := start(t, "", 0, quiet)
	var seen [][2]int
	c.s.Progress = func(phase string, done, total int) {
		if phase == "whole" {
			seen = append(seen, [2]int{done, total})
		}
	}
	_, err := c.run(context.Background())
	require.NoError(t, err)
	assert.Equal(t, [][2]int{{1, 3}, {2, 3}, {3, 3}}, seen)
}

func TestSessionFreesItsOptimisers(t *testing.T) {
	before := torch.Live()
	m, err := (&autoencoder.Family{Width: 2, Hidden: 4, Latent: 3}).New(torch.CPU, models.Shape{Size: side}, 11)
	require.NoError(t, err)
	s, err := training.Open(m, "", "", 0)
	require.NoError(t, err)
	a, ok := m.(models.Autoencoder)
	require.True(t, ok)
	_, err = (&course{a, s, quiet}).run(context.Background())
	require.NoError(t, err)
	s.Close()
	s.Close() // harmless
	m.Params().Free()
	assert.Equal(t, before, torch.Live())
}

func TestValueIsComputedOnce(t *testing.T) {
	s, err := training.Open(small(t), "", "", 0)
	require.NoError(t, err)
	broken := errors.New("broke off")
	_, err = s.Value("a", func() (float64, error) { return 1, broken })
	assert.ErrorIs(t, err, broken)
	for range 2 {
		v, err := s.Value("a", func() (float64, error) { broken = nil; return 2, nil })
		require.NoError(t, err)
		assert.InDelta(t, 2, v, 0)
	}
	v, err := s.Value("a", func() (float64, error) { return 3, nil })
	require.NoError(t, err)
	assert.InDelta(t, 2, v, 0)
	assert.Equal(t, []audit.Curve(nil), s.Curves())
}
