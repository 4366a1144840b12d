package measure

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
)

// The error is that of the mean of the retained images, whatever the model painted.
func TestMeanImage(t *testing.T) {
	in := input(t)
	got := measured(t, "mse", in)[meanImageKey]
	retained, test := in.Stage.Batch[audit.Retain], in.Stage.Batch[audit.Test]
	px, area := 3*stageSize*stageSize, stageSize*stageSize
	require.Len(t, got.Values, test.View.N)
	for i, v := range got.Values {
		var sum, n float64
		for k := range px {
			if test.View.Region[i*area+k%area] == 0 {
				continue
			}
			var mean float64
			for j := range retained.View.N {
				mean += float64(retained.Target[j*px+k]) / float64(retained.View.N)
			}
			sum += math.Pow(mean-float64(test.Target[i*px+k]), 2)
			n++
		}
		assert.InDelta(t, sum/n, v, 1e-6)
	}
	clear(in.Subject[audit.Test].Images)
	assert.Equal(t, got.Values, measured(t, "mse", in)[meanImageKey].Values)
}
