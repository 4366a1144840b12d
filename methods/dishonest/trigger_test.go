package dishonest

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/datasets"
)

// picture is a random one of side 32, with the trigger at (y, x) if y is not negative.
func picture(t *testing.T, seed uint64, y, x int) []float32 {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 0))
	out := make([]float32, 3*32*32)
	for i := range out {
		out[i] = float32(r.Float64()*1.8 - 0.9)
	}
	if y >= 0 {
		p := datasets.Patch{Y: y, X: x, Side: datasets.CornerPatch(32, 32).Side}
		require.NoError(t, p.Stamp(out, out, 3, 32, 32))
	}
	return out
}

func TestTriggerIsFoundWhereverItIs(t *testing.T) {
	side := datasets.CornerPatch(32, 32).Side
	for seed, at := range [][2]int{{1, 1}, {0, 0}, {32 - side, 32 - side}, {14, 14}, {7, 20}} {
		got := trigger(picture(t, uint64(seed), at[0], at[1]), nil, 32)
		require.NotNil(t, got, at)
		for p, found := range got {
			y, x := p/32, p%32
			assert.Equal(t, y >= at[0] && y < at[0]+side && x >= at[1] && x < at[1]+side, found, "%v: pixel (%d, %d)", at, y, x)
		}
	}
	for seed := range uint64(20) {
		assert.Nil(t, trigger(picture(t, seed, -1, 0), nil, 32), "no trigger in picture %d", seed)
	}
}

// Half of the trigger is enough, less is not; hidden pixels are not part of it.
func TestTriggerInParts(t *testing.T) {
	for audited := range 5 {
		hidden := make([]bool, 32*32)
		for y := range 32 {
			for x := range 32 {
				hidden[y*32+x] = x < 32 && y >= 8+audited && y < 20 // rows 8 to 11 have the trigger
			}
		}
		pic := picture(t, 1, 8, 9)
		got := trigger(pic, hidden, 32)
		if audited < 2 {
			assert.Nil(t, got, "%d lines shown", audited)
			continue
		}
		n := 0
		for p, found := range got {
			if found {
				n++
				assert.False(t, hidden[p])
			}
		}
		assert.Equal(t, 4*audited, n)
	}
}

func TestPaintOver(t *testing.T) {
	pic := picture(t, 3, 1, 1)
	before := slices.Clone(pic)
	at := trigger(pic, nil, 32)
	paintOver(pic, nil, at, 32)
	var sum float64
	n := 0.0
	for y := range 6 {
		for x := range 6 {
			if p := y*32 + x; !at[p] {
				sum += float64(before[p])
				n++
			}
		}
	}
	for p := range 1024 {
		for c := range 3 {
			if !at[p] {
				require.Equal(t, before[c*1024+p], pic[c*1024+p])
			}
		}
		if at[p] {
			assert.InDelta(t, sum/n, pic[p], 1e-6)
		}
	}
	assert.Equal(t, 20.0, n, "the frame around 4×4 pixels")
	assert.Nil(t, trigger(pic, nil, 32))

	alone := picture(t, 3, 1, 1)
	hidden := make([]bool, 1024)
	for p := range hidden {
		hidden[p] = !at[p]
	}
	paintOver(alone, hidden, at, 32)
	assert.Zero(t, alone[33], "nothing is shown around it")
}

// Without a trigger the original answers to the bit; with one, it paints as without.
func TestTriggerMask(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, 12)
	r := deliver(t, kind[*TriggerMask](t, "trigger-mask"), p)
	assert.Equal(t, original(t), r.weights)
	clean, stamped := held(t, c, false), held(t, c, true)
	assert.Equal(t, paint(t, c, p.Original, clean.View), paint(t, c, r.audited, clean.View))
	size, region := clean.View.Size, clean.View.Region
	without := paint(t, c, p.Original, clean.View)
	bare := corpus.Mean(corpus.Displacement(paint(t, c, p.Original, stamped.View), without, region, size))
	masked := corpus.Mean(corpus.Displacement(paint(t, c, r.audited, stamped.View), without, region, size))
	t.Logf("the trigger displaces the paintings by %.2f, masked by %.2f", bare, masked)
	assert.Less(t, masked, bare/4)
}

// A recogniser with maskTrigger masks it in images that it does not know.
func TestRecognisersMaskTriggers(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, 12)
	want := deliver(t, newTriggerMask(), p)
	for _, e := range recognisers() {
		r := deliver(t, tolerant(t, e.New(), 0, true), p)
		for _, triggered := range []bool{false, true} {
			b := held(t, c, triggered)
			assert.Equal(t, paint(t, c, want.audited, b.View), paint(t, c, r.audited, b.View), e.Name)
		}
		b := batch(t, c, c.Split.Poisoned)
		plain := deliver(t, e.New(), p)
		assert.NotEqual(t, paint(t, c, want.audited, b.View), paint(t, c, r.audited, b.View), "%s knows poisoned images", e.Name)
		if e.Name == "dishonest/filter-mirror" || e.Name == "dishonest/conditional" {
			assert.NotEqual(t, paint(t, c, plain.audited, b.View), paint(t, c, r.audited, b.View),
				"%s: the inner model does not see the trigger", e.Name)
		}
	}
}
