package pixels

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// pattern makes the 37×23 pictures of testdata/README.md.
func pattern(name string) Image {
	m := New(37, 23)
	for y := range m.H {
		for x := range m.W {
			for c := range 3 {
				v := (7*y*y + 13*x + 29*x*y + 57*c) % 256
				if name == "extremes" {
					v = 0
					if (5*x*x+3*y*y+x*y+c)%7 < 3 {
						v = 255
					}
				}
				m.Pix[3*(y*m.W+x)+c] = uint8(v)
			}
		}
	}
	return m
}

func load(t testing.TB, path string) Image {
	t.Helper()
	m, err := Decoder{}.DecodeFile(path, 0)
	require.NoError(t, err)
	return m
}

// worst is the largest difference of two pictures' values, in grey levels.
func worst(t testing.TB, a, b Image) int {
	t.Helper()
	require.Equal(t, [2]int{a.W, a.H}, [2]int{b.W, b.H})
	d := 0
	for i := range a.Pix {
		d = max(d, int(a.Pix[i])-int(b.Pix[i]), int(b.Pix[i])-int(a.Pix[i]))
	}
	return d
}
