package palette

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/families/familytest"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// TestPaletteSurpriseByHand: at its start the network tells 0, so that the loss is the mean square over the region of
// the noise, or of the image, whatever the level; and the level is the schedule's.
func TestPaletteSurpriseByHand(t *testing.T) {
	const s, n = 16, 3
	source := familytest.Pictures(n, s, 3)
	v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, source, s)
	for _, predict := range []string{"noise", "image"} {
		f := tinyPalette()
		f.Predict = predict
		m, err := f.New(torch.CPU, models.Shape{Size: s, Masked: true}, 1)
		require.NoError(t, err)
		t.Cleanup(m.Params().Free)
		p, ok := m.(*model)
		require.True(t, ok)
		told := source
		if predict == "noise" {
			told = noises(models.Input{N: n, Seed: 7}, "surprise", 3*s*s, nil)
		}
		for _, hidden := range []float64{0.25, 1} {
			for i, got := range familytest.Surprise(t, p, v, source, true, hidden, 7) {
				var sum, count float64
				for k := range 3 * s * s {
					if v.Region[i*s*s+k%(s*s)] == 1 {
						sum += math.Pow(float64(told[i*3*s*s+k]), 2)
						count++
					}
				}
				assert.InEpsilon(t, sum/count, got, 1e-5, predict)
			}
		}
	}
	g := linear(4, 0.1, 0.4)
	assert.Equal(t, []float64{g[1], g[1], g[2], g[4]}, []float64{g.at(0.01), g.at(0.25), g.at(0.5), g.at(1)})
}

// TestPaletteSurpriseIsItsLoss where noise and level are: of a model far from its start, Surprise is what miss says.
func TestPaletteSurpriseIsItsLoss(t *testing.T) {
	const s, n = 16, 2
	source := familytest.Pictures(n, s, 3)
	v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, source, s)
	m := diffusion(t, tinyPalette(), models.Shape{Size: s, Masked: true})
	got := familytest.Surprise(t, m, v, source, true, 0.3, 7)
	familytest.On(t, func(sc *torch.Scope) {
		in := models.NewInput(sc, v, true, 7)
		g := m.gamma[30]
		noise := noises(in, "surprise", 3*s*s, nil)
		y := make([]float32, len(source))
		for i := range y {
			y[i] = float32(math.Sqrt(g)*float64(source[i]) + math.Sqrt(1-g)*float64(noise[i]))
		}
		c, ok := m.condition(sc, in)
		require.True(t, ok)
		told, _ := m.denoise(sc, m.params.Bind(sc), c, c.inside(sc, sc.FromFloats(y, n, 3, s, s)), []float64{g, g})
		want := sc.Floats(models.RegionError(sc, told, sc.FromFloats(noise, n, 3, s, s), sc.FromFloats(v.Region, n, 1, s, s)))
		assert.InDeltaSlice(t, want, got, 1e-5)
	})
}
