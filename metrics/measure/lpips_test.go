package measure

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/metrics"
)

// seeded are small networks with seeded weights.
const seeded = "../../internal/features/testdata/"

// The audit's item on hand-made paintings.
func TestMeasureLPIPS(t *testing.T) {
	m := &lpips{Backbone: seeded + "squeezenet-1.1.pth", Lin: seeded + "lin.pth"}
	for path, sum := range map[string]*string{m.Backbone: &m.BackboneSHA256, m.Lin: &m.LinSHA256} {
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		*sum = string(audit.DigestBytes(b))
	}
	require.NoError(t, m.Validate())
	before := torch.Live()
	in := input(t)
	_, err := m.Measure(in)
	assert.ErrorContains(t, err, "images of side 16 are too small: at least 17; leave `lpips` out of metrics")
	in = enlarged(t, in)
	samples, err := m.Measure(in)
	require.NoError(t, err)
	assert.Equal(t, before, torch.Live())
	require.Len(t, samples, 3)
	for _, s := range samples {
		assert.Equal(t, "lpips(squeezenet-1.1-width4)", s.Quantity)
		assert.Equal(t, []any{audit.Lower, audit.PerImage, metrics.FieldImage}, []any{s.Direction, s.Unit, s.View})
		assert.NoError(t, s.Check())
		assert.Equal(t, in.Stage.Index[s.Part], s.Index)
		assert.Contains(t, s.Identity, fmt.Sprintf("n=%d", counts[s.Part]))
		assert.Len(t, s.Values, counts[s.Part])
		for _, v := range s.Values {
			assert.Positive(t, v)
		}
	}
	in.Subject[audit.Forget].Images = append([]float32(nil), in.Stage.Batch[audit.Forget].Target...)
	identity := samples[0].Identity
	samples, err = m.Measure(in)
	require.NoError(t, err)
	assert.Equal(t, make([]float64, counts[audit.Forget]), samples[0].Values, "the truth is at distance 0")
	assert.Equal(t, identity, samples[0].Identity, "whatever was painted")
}

// enlarged doubles the stage's images by repeating pixels.
func enlarged(t testing.TB, in *Input) *Input {
	t.Helper()
	double := func(x []float32) []float32 {
		out := make([]float32, 4*len(x))
		for i := range out {
			row, col := i/(2*stageSize), i%(2*stageSize)
			out[i] = x[(row/2)*stageSize+col/2]
		}
		return out
	}
	in.Stage.Size *= 2
	for p, b := range in.Stage.Batch {
		b.Target = double(b.Target)
		b.View.Size *= 2
		in.Stage.Batch[p] = b
		in.Subject[p].Images = double(in.Subject[p].Images)
	}
	return in
}

func TestMeasureLPIPSValidates(t *testing.T) {
	m, err := All.New("lpips")
	require.NoError(t, err)
	v, ok := m.(audit.Validator)
	require.True(t, ok)
	assert.ErrorContains(t, v.Validate(), "backbone is missing: give SqueezeNet 1.1's weights")
	assert.ErrorContains(t, v.Validate(), "lin is missing")
	zeros := strings.Repeat("0", 64)
	for want, params := range map[string]string{
		`backbone_sha256 "ab" is not 64 hex`: `{"backbone": "lpips.go", "backbone_sha256": "ab", "lin": "a", "lin_sha256": ""}`,
		"none.pth: no such file": `{"backbone": "none.pth", "backbone_sha256": "` + zeros +
			`", "lin": "lpips.go", "lin_sha256": "` + zeros + `"}`,
		"the plan wants " + zeros: `{"backbone": "lpips.go", "backbone_sha256": "` + zeros +
			`", "lin": "lpips.go", "lin_sha256": "` + zeros + `"}`,
		"../measure is not a file": `{"backbone": "../measure", "backbone_sha256": "` + zeros +
			`", "lin": "lpips.go", "lin_sha256": "` + zeros + `"}`,
	} {
		require.NoError(t, json.Unmarshal([]byte(params), m))
		assert.ErrorContains(t, v.Validate(), want)
	}
	b, err := os.ReadFile("lpips.go")
	require.NoError(t, err)
	sum := string(audit.DigestBytes(b))
	bad := &lpips{Backbone: "lpips.go", BackboneSHA256: sum, Lin: "lpips.go", LinSHA256: sum}
	assert.ErrorContains(t, bad.Validate(), "linear weights: lpips.go: python checkpoint: neither a zip nor a legacy file")
}
