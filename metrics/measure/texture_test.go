package measure

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lethe-audit/lethe/audit"
)

// Noise has more gradient than a slope of the same spread, and a flat painting has logarithms.
func TestTexture(t *testing.T) {
	in := input(t)
	for i := range in.Subject[audit.Forget].Images {
		in.Subject[audit.Forget].Images[i] = float32(i%stageSize) / stageSize
	}
	smooth := measured(t, "texture", in)
	assert.Less(t, smooth["gradient/hole/forget"].Mean(), smooth["gradient/hole/test"].Mean()/10)
	clear(in.Subject[audit.Test].Images)
	flat := measured(t, "texture", in)
	for _, key := range []string{"spread/hole/test", "gradient/hole/test"} {
		for _, v := range flat[key].Values {
			assert.InDelta(t, floor, v, 1e-12, key)
			assert.Positive(t, v, key)
		}
	}
}
