package corpus

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNoise(t *testing.T) {
	v := make([]float32, 50000)
	Gaussian(v, 0.2, 0.3, rand.New(rand.NewPCG(1, 1)))
	var mean, sq float64
	for _, x := range v {
		require.LessOrEqual(t, math.Abs(float64(x)), 1.0)
		mean += float64(x) / float64(len(v))
		sq += float64(x) * float64(x) / float64(len(v))
	}
	assert.InDelta(t, 0.2, mean, 0.01) // a clipped tail of 0.4 % moves neither by more
	assert.InDelta(t, 0.3, math.Sqrt(sq-mean*mean), 0.01)

	like := noiseLike([]float32{.5, .5, .5, .5, -1, 1, -1, 1}, 2, rand.New(rand.NewPCG(1, 1)))
	assert.Equal(t, []float32{.5, .5, .5, .5}, like[:4], "a flat image has flat noise")
	assert.NotEqual(t, like[4], like[5])
}
