package pixels

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/internal/golden"
)

// The bytes are Pillow 9.4.0's; see testdata/README.md.
func TestResizeIsPillows(t *testing.T) {
	files, err := filepath.Glob("testdata/resize/*.png")
	require.NoError(t, err)
	require.Len(t, files, 40)
	for _, f := range files {
		base := strings.TrimSuffix(filepath.Base(f), ".png")
		t.Run(base, func(t *testing.T) {
			part := strings.Split(base, "_")
			filter, err := ParseFilter(part[1])
			require.NoError(t, err)
			var w, h int
			_, err = fmt.Sscanf(part[2], "%dx%d", &w, &h)
			require.NoError(t, err)
			got, err := Resize(pattern(part[0]), w, h, filter)
			require.NoError(t, err)
			assert.Equal(t, load(t, f), got)
		})
	}
}

// Photographs, resized by Pillow 9.4.0, and CLIP's Resize(224) + CenterCrop(224)
// by torchvision 0.14.1.
func TestResizeGolden(t *testing.T) {
	var inputs []string
	folders := golden.Folders(t, "resize")
	for _, dir := range folders {
		in, err := filepath.Glob(filepath.Join(dir, "*_in.png"))
		require.NoError(t, err)
		require.NotEmpty(t, in, dir)
		inputs = append(inputs, in...)
	}
	type operation = func(Image) (Image, error)
	resized := func(n int, f Filter) operation {
		return func(m Image) (Image, error) { return Resize(m, n, n, f) }
	}
	operations := map[string]operation{
		"bicubic_64": resized(64, Bicubic), "bicubic_299": resized(299, Bicubic),
		"bilinear_64": resized(64, Bilinear), "bilinear_299": resized(299, Bilinear),
		"clip224": func(m Image) (Image, error) { return Square(m, 224, Bicubic) },
	}
	compared := 0
	for _, in := range inputs {
		for name, op := range operations {
			want := strings.TrimSuffix(in, "in.png") + name + ".png"
			if found, _ := filepath.Glob(want); found == nil {
				continue
			}
			got, err := op(load(t, in))
			require.NoError(t, err)
			assert.Equal(t, load(t, want), got, want)
			compared++
		}
	}
	assert.GreaterOrEqual(t, compared, []int{2, 2 + 15}[len(folders)-1])
}

func TestResizeKeepsFlatPictures(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		side := rapid.IntRange(1, 40)
		m := New(side.Draw(t, "w"), side.Draw(t, "h"))
		for i := range m.Pix {
			m.Pix[i] = uint8(50 * (i%3 + 1))
		}
		f := Filter(rapid.IntRange(int(Box), int(Lanczos)).Draw(t, "filter"))
		out, err := Resize(m, side.Draw(t, "to w"), side.Draw(t, "to h"), f)
		require.NoError(t, err)
		for i, v := range out.Pix {
			require.EqualValues(t, 50*(i%3+1), v)
		}
	})
}

func TestResizeToItselfIsACopy(t *testing.T) {
	m := pattern("waves")
	out, err := Resize(m, m.W, m.H, Lanczos)
	require.NoError(t, err)
	assert.Equal(t, m, out)
	out.Pix[0]++
	assert.NotEqual(t, m.Pix[0], out.Pix[0])
}

func TestResizeRefuses(t *testing.T) {
	m := pattern("waves")
	for _, c := range []struct {
		name string
		m    Image
		w, h int
		f    Filter
		want string
	}{
		{"no width", m, 0, 4, Box, "0×4 pixels"},
		{"negative height", m, 4, -1, Box, "4×-1 pixels"},
		{"empty picture", Image{}, 4, 4, Box, "0×0 pixels is empty"},
		{"missing bytes", Image{W: 2, H: 2, Pix: make([]uint8, 11)}, 4, 4, Box, "holds 11 bytes, not 12"},
		{"no filter", m, 4, 4, 0, "unknown filter 0"},
	} {
		_, err := Resize(c.m, c.w, c.h, c.f)
		assert.ErrorContains(t, err, c.want, c.name)
	}
	_, err := ParseFilter("cubic")
	assert.ErrorContains(t, err, `unknown filter "cubic": choose box`)
}

func BenchmarkResize(b *testing.B) {
	m, err := Resize(pattern("waves"), 500, 375, Bicubic)
	require.NoError(b, err)
	for b.Loop() {
		if _, err := Resize(m, 64, 64, Bicubic); err != nil {
			b.Fatal(err)
		}
	}
}
