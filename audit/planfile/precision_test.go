package planfile_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/planfile"
)

// The default's name is the default; another precision is another plan.
func TestPrecision(t *testing.T) {
	digest := func(settings ...string) audit.Digest {
		d, err := parse(t, least, settings...).Digest()
		require.NoError(t, err)
		return d
	}
	assert.Equal(t, audit.Float32, parse(t, least, "train.precision=float32").Train.Precision)
	assert.Equal(t, digest(), digest("train.precision=float32"))
	p := parse(t, least, "train.precision=bfloat16")
	assert.Equal(t, audit.Train{Epochs: 200, Batch: 64, LR: 1e-3, Precision: audit.BFloat16}, p.Train)
	assert.NotEqual(t, digest(), digest("train.precision=bfloat16"))
}

func TestSchemaListsPrecisions(t *testing.T) {
	s, err := planfile.Schema(catalogue.Default())
	require.NoError(t, err)
	words := s.Properties["train"].Properties["precision"]
	assert.Equal(t, []any{"float32", "bfloat16"}, words.Enum)
	assert.JSONEq(t, `"float32"`, string(words.Default))
}
