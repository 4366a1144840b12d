package attacktest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
)

// knows compares the model that learnt the images to forget with the one that never saw them.
func (s *suite) knows(t *testing.T) {
	known, unknown := gaps(s.measure(t, open(t, knowing))), gaps(s.measure(t, open(t, innocent)))
	require.NotEmpty(t, known, "no quantity was measured on forget and on test images")
	for name, v := range known {
		t.Logf("%s: %.3f of a model that knows the images, %.3f of one that does not", name, v, unknown[name])
		assert.Positive(t, s.sign*(v-unknown[name]), "%s: %v of a model that knows the images, %v of one that does not", name, v, unknown[name])
	}
}

// gaps are the mean value of forget images less that of test images, for every quantity that was measured on both.
func gaps(samples []audit.Sample) map[string]float64 {
	means := map[string]map[audit.Part]float64{}
	for _, s := range samples {
		if means[s.Name()] == nil {
			means[s.Name()] = map[audit.Part]float64{}
		}
		means[s.Name()][s.Part] = s.Mean()
	}
	out := map[string]float64{}
	for name, m := range means {
		if _, ok := m[audit.Test]; !ok {
			continue
		}
		if f, ok := m[audit.Forget]; ok {
			out[name] = f - m[audit.Test]
		}
	}
	return out
}
