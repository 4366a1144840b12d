package linalg

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
)

// whole puts the tiles of a product together.
func whole[T float32 | float64](t *testing.T, x, y Rows[T], symmetric bool) []T {
	t.Helper()
	out := make([]T, x.N*y.N)
	seen := map[int]bool{}
	var mu sync.Mutex
	require.NoError(t, Tiles(x, y, symmetric, func(c *Tile[T]) error {
		mu.Lock()
		defer mu.Unlock()
		assert.False(t, seen[c.Index], "tile %d twice", c.Index)
		seen[c.Index] = true
		assert.Len(t, c.Data, c.Rows*c.Columns)
		for i := range c.Rows {
			copy(out[(c.Row+i)*y.N+c.Column:], c.Data[i*c.Columns:(i+1)*c.Columns])
		}
		return nil
	}))
	require.Len(t, seen, len(Grid[T](x.N, y.N, symmetric)))
	return out
}

func narrow(m *mat.Dense) Rows[float32] {
	r := RowsOf(m)
	out := Rows[float32]{make([]float32, len(r.Data)), r.N, r.D}
	for i, v := range r.Data {
		out.Data[i] = float32(v)
	}
	return out
}

func TestTiles(t *testing.T) {
	for _, c := range []struct{ n, m, d int }{{1, 1, 1}, {3, 5, 2}, {70, 60, 16}, {513, 700, 9}, {1100, 40, 33}} {
		x, y := normals(1, c.n, c.d), normals(2, c.m, c.d)
		var want, self mat.Dense
		want.Mul(x, y.T())
		self.Mul(x, x.T())
		got, got32 := whole(t, RowsOf(x), RowsOf(y), false), whole(t, narrow(x), narrow(y), false)
		for i := range c.n {
			for j := range c.m {
				require.InDelta(t, want.At(i, j), got[i*c.m+j], 1e-12, "%+v", c)
				require.InDelta(t, want.At(i, j), got32[i*c.m+j], 1e-4, "%+v", c)
			}
		}
		half := whole(t, RowsOf(x), RowsOf(x), true)
		for i := range c.n {
			for j := range c.n {
				if side := TileSide(c.n, c.n) / 2; j < i/side*side {
					require.Zero(t, half[i*c.n+j], "only tiles on and above the diagonal")
				} else {
					require.InDelta(t, self.At(i, j), half[i*c.n+j], 1e-12, "%+v", c)
				}
			}
		}
	}
}

// The bits do not hang on the number of processors.
func TestTilesOnAnyNumberOfProcessors(t *testing.T) {
	x, y := RowsOf(normals(1, 1200, 40)), RowsOf(normals(2, 900, 40))
	want := whole(t, x, y, false)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	assert.Equal(t, want, whole(t, x, y, false))
	runtime.GOMAXPROCS(7)
	assert.Equal(t, want, whole(t, x, y, false))
}

func TestRowsWithGaps(t *testing.T) {
	x := normals(1, 6, 5)
	part := x.Slice(1, 4, 2, 5).(*mat.Dense) //nolint:errcheck // a slice of a Dense is one
	r := RowsOf(part)
	assert.Equal(t, 3, r.N)
	assert.Equal(t, 3, r.D)
	assert.Equal(t, mat.DenseCopyOf(part).RawMatrix().Data, r.Data)
}

func TestTilesErrors(t *testing.T) {
	x := RowsOf(normals(1, 40, 50))
	none := func(*Tile[float64]) error { return nil }
	assert.ErrorContains(t, Tiles(x, RowsOf(normals(1, 4, 3)), false, none), "40×50 and the transpose of 4×3")
	assert.ErrorContains(t, Tiles(x, Rows[float64]{D: 50}, false, none), "non-empty")
	assert.ErrorContains(t, Tiles(x, x.slice(0, 3), true, none), "one length")
	for _, n := range []int{3, 40} { // by gonum, by libtorch
		err := Tiles(x.slice(0, n), x, false, func(*Tile[float64]) error { return errors.New("enough") })
		assert.ErrorContains(t, err, "enough")
	}
}

func TestTimes(t *testing.T) {
	for _, side := range []int{3, 60} {
		a, b := normals(1, side, 2*side), normals(2, 2*side, side+1)
		var want mat.Dense
		want.Mul(a, b)
		got, err := Times(a, b)
		require.NoError(t, err)
		assert.True(t, mat.EqualApprox(&want, got, 1e-12))
		assert.False(t, math.IsNaN(got.At(0, 0)))
	}
}

func BenchmarkTiles(b *testing.B) {
	x := RowsOf(normals(1, 2048, 2048))
	f := Rows[float32]{make([]float32, len(x.Data)), x.N, x.D}
	b.Run("float64", func(b *testing.B) {
		for b.Loop() {
			if err := Tiles(x, x, false, func(*Tile[float64]) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(2*2048*2048*2048*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOPS")
	})
	b.Run("float32", func(b *testing.B) {
		for b.Loop() {
			if err := Tiles(f, f, false, func(*Tile[float32]) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(2*2048*2048*2048*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOPS")
	})
}

func BenchmarkTileCrossover(b *testing.B) {
	for _, side := range []int{24, 32, 48, 64, 96} {
		x := RowsOf(normals(1, side, side))
		b.Run(fmt.Sprintf("gonum/%d", side), func(b *testing.B) {
			for b.Loop() {
				small(x, x)
			}
		})
		b.Run(fmt.Sprintf("native/%d", side), func(b *testing.B) {
			for b.Loop() {
				if err := nativeTiles(x, x, false, func(*Tile[float64]) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Every element is in one tile; of a symmetric product, every element on or above the diagonal.
func TestGridCovers(t *testing.T) {
	for _, n := range []int{1, 255, 256, 257, 511, 1000, 4095, 4096, 4500, 5121} {
		for _, m := range []int{1, 700, 4096, n} {
			seen := map[[2]int]int{}
			area := 0
			for i, c := range Grid[float32](n, m, false) {
				assert.Equal(t, i, c.Index)
				assert.LessOrEqual(t, c.Row+c.Rows, n)
				assert.LessOrEqual(t, c.Column+c.Columns, m)
				seen[[2]int{c.Row, c.Column}]++
				area += c.Rows * c.Columns
			}
			assert.Equal(t, n*m, area, "%d by %d", n, m)
			assert.Len(t, seen, len(Grid[float32](n, m, false)))
		}
		seen := map[[2]int]int{}
		area := 0
		for _, c := range Grid[float64](n, n, true) {
			seen[[2]int{c.Row, c.Column}]++
			area += c.Rows * c.Columns
			if c.Row != c.Column {
				assert.LessOrEqual(t, c.Row+c.Rows, c.Column, "the diagonal crosses none but those that begin on it")
				area += c.Rows * c.Columns // its mirror image
			} else {
				assert.Equal(t, c.Rows, c.Columns)
			}
		}
		assert.Equal(t, n*n, area, n)
		assert.Len(t, seen, len(Grid[float64](n, n, true)))
	}
}
