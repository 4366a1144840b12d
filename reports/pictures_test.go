package reports

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
)

func tile(v float32) []float32 {
	t := make([]float32, 3*8*8)
	for i := range t {
		t[i] = v
	}
	return t
}

func TestPictureGrid(t *testing.T) {
	r := synthetic(4)
	pictures := []Picture{
		{Part: audit.Test, Index: 2, Input: tile(-1), Truth: tile(1), Outputs: map[string][]float32{"original": tile(.5)}},
		{Part: audit.Forget, Index: 1, Input: tile(-1), Truth: tile(0), Outputs: map[string][]float32{"original": tile(.2),
			"decouple": tile(.4)}},
		{Part: audit.Forget, Index: 3, Input: tile(-1), Truth: tile(0)},
	}
	g, err := PictureGrid(r, pictures, 3, 8, 8)
	require.NoError(t, err)
	assert.Equal(t, []string{"input", "truth", "original", "oracle-1", "decouple", "decouple-cycles", "noise-matching", "random-labels",
		"fine-tune-on-the-retained-images", "random-weights", "held-out-retrain"}, g.Columns)
	require.Len(t, g.Rows, 3)
	assert.Equal(t, []string{"#1", "#3", "#2"}, []string{g.Rows[0].Label, g.Rows[1].Label, g.Rows[2].Label}, "forget comes before test")
	s, _ := r.Subject("original")
	x, _ := s.Sample("mse", "hole", audit.Forget)
	assert.Equal(t, number(x.Values[1]), g.Rows[0].Notes[2])
	m, err := g.Draw()
	require.NoError(t, err)
	assert.Positive(t, m.Bounds().Dx())
	if dir := *figures; dir != "" {
		require.NoError(t, g.WritePNG(dir+"/grid.png"))
	}
	_, err = PictureGrid(r, []Picture{{Part: "attic"}}, 3, 8, 8)
	assert.ErrorContains(t, err, `part "attic"`)
}
