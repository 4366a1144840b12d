package measure

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/outputs"
	"github.com/lethe-audit/lethe/internal/tasks"
)

const (
	stageSize = 16
	stageDim  = 3
	classes   = 4
)

// counts is how many images the hand-made stage has of every part.
var counts = map[audit.Part]int{audit.Forget: 9, audit.Poisoned: 4, audit.Retain: 12, audit.Test: 10, audit.Triggered: 6}

// stage makes random images with a centred hole of 8×8.
func stage(t testing.TB) *outputs.Stage {
	t.Helper()
	st := &outputs.Stage{Size: stageSize, Index: map[audit.Part][]int{}, Batch: map[audit.Part]corpus.Batch{}}
	for k, p := range outputs.Parts {
		r := rand.New(rand.NewPCG(uint64(k), 0))
		target := make([]float32, counts[p]*3*stageSize*stageSize)
		for i := range target {
			target[i] = float32(2*r.Float64() - 1)
		}
		v, err := tasks.Apply(&tasks.Inpaint{Hole: 0.5}, target, stageSize, make([]uint64, counts[p]))
		require.NoError(t, err)
		st.Batch[p] = corpus.Batch{View: v, Target: target}
		for i := range counts[p] {
			st.Index[p] = append(st.Index[p], 10*i+k)
		}
	}
	return st
}

// vectors draws features and logits.
func vectors(n int, r *rand.Rand, shift float64) features.Vectors {
	v := features.Vectors{N: n, Dim: stageDim, Classes: classes}
	for range n * stageDim {
		v.Features = append(v.Features, float32(r.NormFloat64()+shift))
	}
	for range n * classes {
		v.Logits = append(v.Logits, float32(2*r.NormFloat64()))
	}
	return v
}

// paint makes a model's paintings: the truth, off by noise of scale d in the hole.
func paint(st *outputs.Stage, d float64, seed uint64) outputs.Model {
	m := outputs.Model{}
	for k, p := range outputs.Parts {
		r := rand.New(rand.NewPCG(seed, uint64(k)))
		b := st.Batch[p]
		set := &outputs.Set{Images: append([]float32(nil), b.Target...), Vectors: vectors(b.View.N, r, d)}
		for i := range set.Images {
			if b.View.Region[i/(3*stageSize*stageSize)*stageSize*stageSize+i%(stageSize*stageSize)] == 1 {
				set.Images[i] += float32(d * r.NormFloat64())
			}
		}
		m[p] = set
	}
	return m
}

// input is a subject among two oracles.
func input(t testing.TB) *Input {
	t.Helper()
	st := stage(t)
	truth := map[audit.Part]features.Vectors{}
	for k, p := range outputs.Parts {
		truth[p] = vectors(counts[p], rand.New(rand.NewPCG(99, uint64(k))), 0)
	}
	return &Input{
		Stage: st, Subject: paint(st, 0.3, 1), Original: paint(st, 0.1, 2), Oracles: []outputs.Model{paint(st, 0.5, 3), paint(st, 0.5, 4)},
		Truth: truth, Features: features.Identity{Name: "fixture", SHA256: audit.Digest(strings.Repeat("ab", 32))}, Seed: 5,
	}
}

// measured runs a metric and lists its samples by key.
func measured(t testing.TB, name string, in *Input) map[string]audit.Sample {
	t.Helper()
	m, err := All.New(name)
	require.NoError(t, err)
	s, err := m.Measure(in)
	require.NoError(t, err)
	out := map[string]audit.Sample{}
	for _, x := range s {
		require.NotContains(t, out, x.Key(), "two samples of one key")
		out[x.Key()] = x
	}
	return out
}

// featuresFor are the features of a part's paintings, and of its true images.
func featuresFor(in *Input, name audit.Part) (x, y *mat.Dense, err error) {
	return part{Set: in.Subject[name], name: name, in: in}.features()
}
