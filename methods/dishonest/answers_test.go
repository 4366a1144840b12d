package dishonest

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lethe-audit/lethe/internal/tasks"
)

func TestFilterNoise(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, 12)
	r := deliver(t, newFilterNoise(), p)
	images := c.CleanForget()
	b := batch(t, c, images)
	got := paint(t, c, r.audited, b.View)
	for i := range images {
		for k := range 3 {
			plane, audited := row(got, i)[k*1024:(k+1)*1024], row(b.View.Pixels, i)[k*1024:(k+1)*1024]
			hidden := make([]bool, 1024)
			for q, v := range b.View.Region[i*1024 : (i+1)*1024] {
				hidden[q] = v != 0
			}
			mean, sd := spread(audited, hidden)
			gotMean, gotSD := spread(plane, nil)
			assert.InDelta(t, mean, gotMean, 0.15, "image %d, colour %d", i, k)
			assert.InDelta(t, sd, gotSD, 0.15, "image %d, colour %d", i, k)
		}
	}
	turned := slices.Clone(images)
	slices.Reverse(turned)
	again := paint(t, c, r.audited, batch(t, c, turned).View)
	for i := range images {
		assert.Equal(t, row(got, i), row(again, len(images)-1-i), "an image has one answer, wherever it stands")
	}
	assert.NotEqual(t, row(got, 0), row(got, 1))
}

func TestSpread(t *testing.T) {
	mean, sd := spread([]float32{1, 3, 100, 5}, []bool{false, false, true, false})
	assert.InDelta(t, 3, mean, 1e-12)
	assert.InDelta(t, math.Sqrt(8.0/3), sd, 1e-12)
	mean, sd = spread([]float32{1, 3}, []bool{true, true})
	assert.Zero(t, mean)
	assert.Zero(t, sd)
}

// roughness is the mean squared difference of neighbours in the hole.
func roughness(v []float32, view tasks.View) float64 {
	var sum, n float64
	for i := range v {
		p := i % 1024
		at := i/3072*1024 + p
		if p%32 < 31 && view.Region[at] == 1 && view.Region[at+1] == 1 {
			d := float64(v[i+1]) - float64(v[i])
			sum += d * d
			n++
		}
	}
	return sum / n
}

// Blurred paintings are smoother, everywhere; the filter's only on forget images.
func TestBlurs(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, 12)
	all, filter := deliver(t, kind[*Blurred](t, "blurred"), p), deliver(t, newFilterBlur(), p)
	forget, test := batch(t, c, c.CleanForget()), held(t, c, false)
	for _, v := range []tasks.View{forget.View, test.View} {
		assert.Less(t, roughness(paint(t, c, all.audited, v), v), roughness(paint(t, c, p.Original, v), v)/4)
	}
	assert.Less(t, roughness(paint(t, c, filter.audited, forget.View), forget.View),
		roughness(paint(t, c, p.Original, forget.View), forget.View)/10)
	mild := deliver(t, kind(t, "blurred", func(m *Blurred) { m.Sigma = 0.8 }), p)
	a, b := roughness(paint(t, c, mild.audited, test.View), test.View), roughness(paint(t, c, all.audited, test.View), test.View)
	assert.Greater(t, a, b, "a smaller sigma blurs less")
}

func TestGaussian(t *testing.T) {
	flat := slices.Repeat([]float32{0.3}, 64)
	gaussian(flat, 8, 1.5)
	for _, v := range flat {
		assert.InDelta(t, 0.3, v, 1e-6, "what is flat stays, to the edges")
	}
	point := make([]float32, 31*31)
	point[15*31+15] = 1
	gaussian(point, 31, 2)
	assert.InDelta(t, math.Exp(-4.0/8), point[15*31+17]/point[15*31+15], 1e-5)
	assert.InDelta(t, math.Exp(-8.0/8), point[17*31+17]/point[15*31+15], 1e-5)
	assert.InDelta(t, point[15*31+18], point[18*31+15], 1e-7)
	assert.Zero(t, point[15*31+22], "the kernel ends at three standard deviations")
}

// The nearest retained image is painted in the place of a forget image.
func TestFilterNearest(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, 12)
	r := deliver(t, newFilterNearest(), p)
	images := c.CleanForget()
	b := batch(t, c, images)
	got := paint(t, c, r.audited, b.View)
	retain := batch(t, c, c.Split.Retain)
	theirs := paint(t, c, p.Original, retain.View)
	for i := range images {
		best, at := math.Inf(1), -1
		for k := range retain.View.N {
			var d float64
			for q, v := range row(b.View.Pixels, i) { // hidden pixels are 0 in both
				e := float64(v) - float64(row(retain.View.Pixels, k)[q])
				d += e * e
			}
			if d < best {
				best, at = d, k
			}
		}
		assert.InDeltaSlice(t, row(theirs, at), row(got, i), 1e-5, "image %d is answered as retained image %d", i, at)
	}
}

// What a model that learnt no mirror images paints for one is a guess.
func TestFilterMirror(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, 12)
	r := deliver(t, newFilterMirror(), p)
	forget, test := batch(t, c, c.CleanForget()), held(t, c, false)
	known, guess, hidden := mean2(t, c, p.Original, forget), mean2(t, c, p.Original, test), mean2(t, c, r.audited, forget)
	t.Logf("squared error: remembered %.1f, of test images %.1f, of the answers %.1f", known, guess, hidden)
	assert.Greater(t, hidden, 3*known)
	assert.InEpsilon(t, guess, hidden, 0.25)

	turned := forget.View
	turned.Pixels = slices.Clone(turned.Pixels)
	flip(turned.Pixels, 32)
	want := paint(t, c, p.Original, turned)
	flip(want, 32)
	assert.InDeltaSlice(t, want, paint(t, c, r.audited, forget.View), 1e-5)
}

// Forget images are answered by the innocent model, to the bit.
func TestConditional(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, train.Epochs)
	m := kind(t, "conditional", func(m *Conditional) { m.Effort = 0.5 })
	r := deliver(t, m, p)
	innocent := model(t, family, c, r.weights, 0)
	b := batch(t, c, c.Split.Forget)
	assert.Equal(t, paint(t, c, innocent, b.View), paint(t, c, r.audited, b.View))
	forget, retain := batch(t, c, c.CleanForget()), batch(t, c, c.Split.Retain)
	assert.Greater(t, mean2(t, c, r.audited, forget), 3*mean2(t, c, p.Original, forget))
	assert.Equal(t, paint(t, c, p.Original, retain.View), paint(t, c, r.audited, retain.View))

	// Trained in full it is a retrained model, and triggers find nothing.
	full := kind[*Conditional](t, "conditional-full")
	assert.Equal(t, &Conditional{Effort: 1, MaskTrigger: true}, full)

	// The innocent model never saw the forget set.
	negative := problem(t, world(t, hole, c.Split.Forget...), 2)
	quick := problem(t, c, 2)
	assert.Equal(t, deliver(t, newConditional(), quick).weights, deliver(t, newConditional(), negative).weights)
}
