package attacks

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
)

func TestRounded(t *testing.T) {
	var l torch.Layout
	l.Add("a", torch.Init{}, 4)
	l.Add("b", torch.Init{}, 3)
	for name, c := range map[string]struct {
		bits    int
		in, out []float32
	}{
		"two bits have three values": {2, []float32{1, -0.4, 0.6, 0, 8, 3, -5}, []float32{1, 0, 1, 0, 8, 0, -8}},
		"three have seven":           {3, []float32{3, 1.4, -1.6, 0.2, 0.3, -0.3, 0.1}, []float32{3, 1, -2, 0, 0.3, -0.3, 0.1}},
		"nothing of nothing":         {4, []float32{0, 0, 0, 0, 7, -1, 2.2}, []float32{0, 0, 0, 0, 7, -1, 2}},
	} {
		assert.InDeltaSlice(t, c.out, rounded(l, c.in, c.bits), 1e-6, name)
	}
	rapid.Check(t, func(r *rapid.T) {
		in := rapid.SliceOfN(rapid.Float32Range(-3, 3), 7, 7).Draw(r, "weights")
		bits := rapid.IntRange(2, 12).Draw(r, "bits")
		out := rounded(l, in, bits)
		for _, p := range l {
			part := in[p.Offset : p.Offset+p.Size()]
			half := math.Max(float64(slices.Max(part)), -float64(slices.Min(part))) / float64(int(1)<<(bits-1)-1) / 2
			for i := range part {
				assert.InDelta(r, part[i], out[p.Offset+i], half+1e-6, "no further than half a step")
			}
		}
		assert.InDeltaSlice(r, out, rounded(l, out, bits), 1e-6, "what is rounded stays")
	})
}

// What moved weights by less than half a step of the rounding is undone by it, to the bit.
func TestQuantisationUndoesSmallSteps(t *testing.T) {
	knowing, _ := both(t)
	l := model(t, true).Model.Params().Layout()
	memory := rounded(l, knowing, 4)
	hidden := slices.Clone(memory)
	for _, p := range l {
		part := hidden[p.Offset : p.Offset+p.Size()]
		most := max(slices.Max(part), -slices.Min(part))
		for i, v := range part {
			if v < most/2 && v > -most/2 { // the scale stays
				part[i] += 0.4 * most / 7
			}
		}
	}
	target := pair(t, hidden, knowing)
	got := sampled(t, &Quantisation{Bits: []int{8, 4}}, target)
	was := sampled(t, &Quantisation{Bits: []int{4}}, pair(t, memory, knowing))
	for _, p := range []audit.Part{audit.Forget, audit.Test} {
		assert.InDeltaSlice(t, was["quantised-error@4 bits/"+string(p)].Values, got["quantised-error@4 bits/"+string(p)].Values, 1e-4)
	}
	mean := func(setting string) float64 { return got["quantised-error@"+setting+" bits/forget"].Mean() }
	assert.Less(t, mean("4"), mean("8")/2, "rounding brings the memory back")
}

func TestQuantisationRefuses(t *testing.T) {
	for _, bits := range [][]int{nil, {1}, {17}, {4, 4}} {
		require.Error(t, (&Quantisation{Bits: bits}).Validate(), "%v", bits)
	}
	require.NoError(t, (&Quantisation{Bits: []int{2, 16}}).Validate())
}
