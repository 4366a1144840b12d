package audit_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
)

func TestPrecisions(t *testing.T) {
	for _, name := range audit.Precisions {
		p, err := audit.ParsePrecision(name)
		require.NoError(t, err)
		assert.Equal(t, name, p.String())
	}
	for _, word := range []string{"half", "float16", "BFloat16", "amp"} {
		_, err := audit.ParsePrecision(word)
		assert.ErrorContains(t, err, `"`+word+`": want float32 or bfloat16`)
	}
}

// Plans that say nothing of precision keep the digests that they had before there was any.
func TestPrecisionInDigests(t *testing.T) {
	digest := func(p audit.Precision) audit.Digest {
		d, err := audit.Plan{Train: audit.Train{Epochs: 1, Batch: 2, LR: 3, Precision: p}}.Digest()
		require.NoError(t, err)
		return d
	}
	before, err := audit.DigestJSON(struct {
		Epochs int     `json:"epochs"`
		Batch  int     `json:"batch"`
		LR     float64 `json:"lr"`
	}{1, 2, 3})
	require.NoError(t, err)
	now, err := audit.DigestJSON(audit.Train{Epochs: 1, Batch: 2, LR: 3})
	require.NoError(t, err)
	assert.Equal(t, before, now)
	assert.NotEqual(t, digest(audit.Float32), digest(audit.BFloat16))
}
