package attacks

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/outputs"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/metrics"
	"github.com/lethe-audit/lethe/metrics/measure"
)

const size = 16

// counts is how many images the hand-made stage has of every part.
var counts = map[audit.Part]int{audit.Forget: 7, audit.Poisoned: 3, audit.Retain: 4, audit.Test: 9, audit.Triggered: 5}

// input is a stage of random images with a centred hole, and a subject that
// paints the truth with noise of scale d.
func input(t testing.TB, d float64) *measure.Input {
	t.Helper()
	st := &outputs.Stage{Size: size, Index: map[audit.Part][]int{}, Batch: map[audit.Part]corpus.Batch{}}
	m := outputs.Model{}
	for k, p := range outputs.Parts {
		r := rand.New(rand.NewPCG(uint64(k), 0))
		target := make([]float32, counts[p]*3*size*size)
		for i := range target {
			target[i] = float32(2*r.Float64() - 1)
		}
		v, err := tasks.Apply(&tasks.Inpaint{Hole: 0.5}, target, size, make([]uint64, counts[p]))
		require.NoError(t, err)
		st.Batch[p] = corpus.Batch{View: v, Target: target}
		painted := append([]float32(nil), target...)
		for i := range painted {
			if hole(i) {
				painted[i] += float32(d * r.NormFloat64())
			}
		}
		m[p] = &outputs.Set{Images: painted}
		for i := range counts[p] {
			if p == audit.Triggered {
				i *= 2 // every second of the test images
			}
			st.Index[p] = append(st.Index[p], 3*i)
		}
	}
	return &measure.Input{Stage: st, Subject: m}
}

// hole tells whether value i of a stack lies in the centred hole.
func hole(i int) bool {
	y, x := i/size%size, i%size
	return y >= 4 && y < 12 && x >= 4 && x < 12
}

// paintPicture paints in the hole the attacker's picture plus an offset for every image.
func paintPicture(in *measure.Input, p audit.Part, offset func(image int) float32) {
	picture := datasets.TargetPicture(3, size, size)
	img := in.Subject[p].Images
	for i := range img {
		if hole(i) {
			img[i] = picture[i%len(picture)] + offset(i/len(picture))
		}
	}
}

// subject has one sample of a quantity for every part given.
func subject(name, quantity string, values map[audit.Part][]float64) *audit.Subject {
	s := &audit.Subject{Name: name}
	for p, v := range values {
		idx := make([]int, len(v))
		for i := range idx {
			idx[i] = i
		}
		s.Samples = append(s.Samples, audit.Sample{Quantity: quantity, View: metrics.FieldHole, Part: p, Unit: audit.PerImage,
			Index: idx, Values: v})
	}
	return s
}

func find(t testing.TB, stats []audit.Statistic, name string) audit.Statistic {
	t.Helper()
	for _, s := range stats {
		if s.Name == name {
			return s
		}
	}
	require.FailNow(t, "no statistic "+name)
	return audit.Statistic{}
}

// count makes the values from, from+1, … n of them, over n.
func count(n int, from float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = from + float64(i)/float64(n)
	}
	return out
}
