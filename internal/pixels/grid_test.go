package pixels

import (
	"bytes"
	"image/color"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// sampleGrid has every feature: groups, wrapped headings, notes, empty places.
func sampleGrid(t testing.TB) Grid {
	t.Helper()
	x := make([]float32, 3*37*23)
	require.NoError(t, ToFloat(x, pattern("waves")))
	dark := make([]float32, len(x))
	return Grid{
		Title:   "shapes-inpainting, seed 1",
		Columns: []string{"input", "ground truth", "noise-matching", "held-out-retrain"},
		W:       37, H: 23,
		Rows: []Row{
			{Group: "forget", Label: "disc #17", Tiles: [][]float32{x, dark, x, dark}, Notes: []string{"", "", "MSE 0.2801", "MSE 0.0693 and more"}},
			{Group: "forget", Label: "train/n01440764/a-long-file-name.JPEG", Tiles: [][]float32{dark, x}},
			{Group: "retain", Label: "ring #2", Tiles: [][]float32{x, nil, x, x}},
		},
	}
}

// The picture was looked at once; a change of it must be looked at again:
// LETHE_UPDATE=1 go test writes it anew.
func TestGridGolden(t *testing.T) {
	golden := filepath.Join("testdata", "grid.png")
	var got bytes.Buffer
	require.NoError(t, sampleGrid(t).EncodePNG(&got))
	again := filepath.Join(t.TempDir(), "again.png")
	require.NoError(t, sampleGrid(t).WritePNG(again))
	b, err := os.ReadFile(again)
	require.NoError(t, err)
	assert.Equal(t, got.Bytes(), b)
	if os.Getenv("LETHE_UPDATE") != "" {
		require.NoError(t, sampleGrid(t).WritePNG(golden))
	}
	m, err := Decoder{}.Decode(&got, "grid", 0)
	require.NoError(t, err)
	assert.Equal(t, load(t, golden), m)
}

func TestGridPlacesTiles(t *testing.T) {
	red := []float32{1, 1, -1, -1, -1, -1}
	g := Grid{Columns: []string{"a", "b"}, Rows: []Row{{Tiles: [][]float32{nil, red}}}, W: 2, H: 1, Scale: 5}
	m, err := g.Draw()
	require.NoError(t, err)
	l := layOut(g)
	x, y := l.x(1), l.rows[0].top
	for dy := range 5 {
		for dx := range 10 {
			require.Equal(t, color.RGBA{255, 0, 0, 255}, m.RGBAAt(x+dx, y+dy))
		}
	}
	white := color.RGBA{255, 255, 255, 255}
	assert.Equal(t, white, m.RGBAAt(x-1, y))
	assert.Equal(t, white, m.RGBAAt(x+10, y))
	assert.Equal(t, white, m.RGBAAt(x, y+5))
	assert.Equal(t, color.RGBA{0xf2, 0xf2, 0xf2, 255}, m.RGBAAt(l.x(0), y), "a missing tile is marked")

	g = Grid{Columns: []string{""}, Rows: []Row{{Tiles: [][]float32{{0}}}}, W: 1, H: 1, Channels: 1}
	m, err = g.Draw()
	require.NoError(t, err)
	assert.Equal(t, leastTile+2*margin, m.Rect.Dx(), "the scale fits itself; no labels take no room")
	assert.Equal(t, color.RGBA{128, 128, 128, 255}, m.RGBAAt(margin+1, margin+1))
}

func TestGridRefuses(t *testing.T) {
	one := [][]float32{make([]float32, 12)}
	for _, c := range []struct {
		name string
		g    Grid
		want string
	}{
		{"no columns", Grid{Rows: []Row{{}}, W: 2, H: 2}, "nothing to draw"},
		{"no rows", Grid{Columns: []string{"a"}, W: 2, H: 2}, "nothing to draw"},
		{"no size", Grid{Columns: []string{"a"}, Rows: []Row{{Tiles: one}}}, "tiles of 0×0 pixels"},
		{"two channels", Grid{Columns: []string{"a"}, Rows: []Row{{Tiles: one}}, W: 2, H: 2, Channels: 2}, "only 1 and 3"},
		{"tile size", Grid{Columns: []string{"a"}, Rows: []Row{{Label: "cat", Tiles: one}}, W: 3, H: 2},
			"row 1 (cat), column a: 12 values for 3×2×3"},
		{"too many tiles", Grid{Columns: []string{"a"}, Rows: []Row{{Tiles: append(one, one...)}}, W: 2, H: 2},
			"2 tiles and 0 notes for 1 columns"},
	} {
		assert.ErrorContains(t, c.g.EncodePNG(io.Discard), c.want, c.name)
	}
}

func TestWrapLosesNothing(t *testing.T) {
	squeeze := strings.NewReplacer(" ", "").Replace
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[a-zé_/ -]{0,40}`).Draw(t, "s")
		n := rapid.IntRange(1, 12).Draw(t, "n")
		lines := wrap(s, n)
		require.Equal(t, squeeze(s), squeeze(strings.Join(lines, "")))
		for _, l := range lines {
			require.LessOrEqual(t, runes(l), n)
			require.NotEmpty(t, l)
		}
	})
	assert.Equal(t, []string{"noise-", "matching"}, wrap("noise-matching", 12))
	assert.Equal(t, []string{"ground truth"}, wrap("ground truth", 12))
}
