package mage

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lethe-audit/lethe/internal/families/familytest"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

func TestMaskSchedule(t *testing.T) {
	for _, c := range []struct {
		h, steps int
		want     []int
	}{
		// ⌊16·cos(π/2·t/8)⌋
		{16, 8, []int{15, 14, 13, 11, 8, 6, 3, 0}},
		{16, 1, []int{0}},
		{4, 2, []int{2, 0}},
		{3, 8, []int{2, 1, 0}}, // one fewer in every step, until one is left
		{1, 8, []int{0}},
		{0, 8, nil},
	} {
		assert.Equal(t, c.want, maskSchedule(c.h, c.steps), "%d in %d", c.h, c.steps)
	}
	for h := range 300 {
		last := h
		for _, left := range maskSchedule(h, 20) {
			assert.Less(t, left, last)
			last = left
		}
		assert.Zero(t, last)
	}
}

// TestPick: tokens come as often as their tempered probability says, and their log probability is at temperature 1.
func TestPick(t *testing.T) {
	logits := []float32{1, 0, -1, 3}
	rng := rand.New(rand.NewPCG(1, 0))
	for _, temperature := range []float64{0.5, 1, 2} {
		var p [4]float64
		var sum, one float64
		for k, x := range logits {
			p[k] = math.Exp(float64(x) / temperature)
			sum += p[k]
			one += math.Exp(float64(x))
		}
		const n = 20000
		var count [4]float64
		for range n {
			k, logp := pick(logits, temperature, rng)
			count[k]++
			assert.InDelta(t, float64(logits[k])-math.Log(one), logp, 1e-9)
		}
		for k := range count {
			assert.InDelta(t, p[k]/sum, count[k]/n, 0.015, "token %d at temperature %v", k, temperature)
		}
	}
	k, _ := pick(logits, 0, rng)
	assert.Equal(t, 3, k)
	k, logp := pick([]float32{1e30, -1e30}, 1, rng)
	assert.Equal(t, 0, k)
	assert.Zero(t, logp)
}

// TestChoose: without noise the most confident tokens stay; with much of it others do too.
func TestChoose(t *testing.T) {
	m := &model{Family: *tinyMAGE}
	m.Temperature = 0
	logits := []float32{0, 1, 5, 0, 0, 3} // three places, two codes: confidence rises from the first to the third, to the second
	rng := rand.New(rand.NewPCG(1, 0))
	fresh := func() *tokens { return &tokens{n: 1, tokens: 4, ids: []int64{9, -1, -1, -1}} }
	b := fresh()
	assert.Equal(t, []int64{1}, m.choose(b, 0, []int64{1, 2, 3}, logits, 1, 0, rng))
	assert.Equal(t, []int64{9, -1, 0, 1}, b.ids)
	assert.Equal(t, []int64{}, m.choose(b, 0, []int64{1}, logits[:2], 0, 0, rng))
	assert.Equal(t, []int64{9, 1, 0, 1}, b.ids)
	masked := map[int64]int{}
	for range 3000 {
		masked[m.choose(fresh(), 0, []int64{1, 2, 3}, logits, 1, 100, rng)[0]]++
	}
	for _, p := range []int64{1, 2, 3} {
		assert.InDelta(t, 1000, masked[p], 120, "place %d", p)
	}
}

// TestDecodeFillsEveryPlace: after decoding no place is masked, and what was visible is as it was.
func TestDecodeFillsEveryPlace(t *testing.T) {
	const s = 32
	show := *tinyMAGE
	show.ShowMask = true
	for _, f := range []*Family{tinyMAGE, &show} {
		m := buildMAGE(t, f, models.Shape{Size: s, Masked: true})
		for _, task := range []tasks.Task{&tasks.Inpaint{Hole: 0.5}, &tasks.Outpaint{Keep: 0.25}, &tasks.Reconstruct{}} {
			v := familytest.View(t, task, familytest.Pictures(2, s, 3), s)
			familytest.On(t, func(sc *torch.Scope) {
				w := m.params.Bind(sc)
				b := m.read(sc, w, models.NewInput(sc, v, true, 1))
				before := append([]int64(nil), b.ids...)
				m.decode(sc, w, b, 1, 0)
				for i, id := range b.ids {
					assert.True(t, id >= 0 && id < int64(m.Codes), "place %d: %d", i, id)
					if before[i] >= 0 && !b.whole {
						assert.Equal(t, before[i], id)
					}
				}
			})
		}
	}
}
