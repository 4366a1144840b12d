package linalg

import (
	"fmt"
	"runtime"
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/torch"
)

// Rows is a matrix of N rows of D numbers each, one row after the other.
type Rows[T float32 | float64] struct {
	Data []T
	N, D int
}

// RowsOf lays Rows over a matrix; rows with gaps between them are copied.
func RowsOf(m *mat.Dense) Rows[float64] {
	r := m.RawMatrix()
	if r.Stride != r.Cols {
		r = mat.DenseCopyOf(m).RawMatrix()
	}
	return Rows[float64]{r.Data[:r.Rows*r.Cols], r.Rows, r.Cols}
}

func (r Rows[T]) slice(lo, hi int) Rows[T] { return Rows[T]{r.Data[lo*r.D : hi*r.D], hi - lo, r.D} }

// Tile is a rectangle of a product X·Yᵀ: Data[i·Columns+j] is the product of row Row+i of X and row Column+j of Y.
type Tile[T float32 | float64] struct {
	Index         int // which tile, in the order of Grid
	Row, Column   int // of the first element
	Rows, Columns int
	Data          []T // the receiver's to change, and gone after the call
}

// TileSide is the side of the tiles of a product of n by m rows: larger ones take BLAS less packing, smaller ones leave
// every processor some, and less is computed twice beside the diagonal. It depends on n and m alone.
func TileSide(n, m int) int {
	if min(n, m) < 4096 {
		return 512
	}
	return 1024
}

// tileWork is the number of multiplications from which libtorch is faster than gonum (BenchmarkTileCrossover).
const tileWork = 1 << 18

// Grid lists the tiles of X·Yᵀ for X of n and Y of m rows, without data; of X·Xᵀ (symmetric, n = m) only those on and
// above the diagonal: a tile that the diagonal crosses has Row == Column. It depends on n and m alone.
func Grid[T float32 | float64](n, m int, symmetric bool) []Tile[T] {
	var out []Tile[T]
	tile := func(i, j, side int) {
		if i < n && j < m {
			out = append(out, Tile[T]{Index: len(out), Row: i, Column: j, Rows: min(side, n-i), Columns: min(side, m-j)})
		}
	}
	side := TileSide(n, m)
	for i := 0; i < n; i += side {
		first := 0
		if symmetric { // on the diagonal smaller ones, as half of each is computed twice
			tile(i, i, side/2)
			tile(i, i+side/2, side/2)
			tile(i+side/2, i+side/2, side/2)
			first = i + side
		}
		for j := first; j < m; j += side {
			tile(i, j, side)
		}
	}
	return out
}

// Tiles computes X·Yᵀ, or with symmetric X·Xᵀ (then y is x), tile by tile, and gives each to f, on as many goroutines
// as there are processors. f must be safe to call at the same time for several tiles, and what it makes of them must
// not depend on their order. The product as a whole is never in memory.
//
// Elements are sums of D products in the order of BLAS: the same bits for the same shapes, for any number of
// processors. Rows of different length, or none, are an error.
func Tiles[T float32 | float64](x, y Rows[T], symmetric bool, f func(t *Tile[T]) error) error {
	if x.D != y.D || x.D < 1 || x.N < 1 || y.N < 1 || symmetric && x.N != y.N {
		return fmt.Errorf("product of %d×%d and the transpose of %d×%d: give non-empty rows of one length", x.N, x.D, y.N, y.D)
	}
	if x.N*y.N*x.D >= tileWork {
		return nativeTiles(x, y, symmetric, f)
	}
	for _, t := range Grid[T](x.N, y.N, symmetric) {
		t.Data = small(x.slice(t.Row, t.Row+t.Rows), y.slice(t.Column, t.Column+t.Columns))
		if err := f(&t); err != nil {
			return err
		}
	}
	return nil
}

func nativeTiles[T float32 | float64](x, y Rows[T], symmetric bool, f func(t *Tile[T]) error) error {
	grid := Grid[T](x.N, y.N, symmetric)
	return native(func(s *torch.Scope, pin *runtime.Pinner) error {
		xt := tensor(s, pin, x)
		yt := xt
		if !symmetric {
			yt = tensor(s, pin, y)
		}
		if s.Err() != nil {
			return s.Err()
		}
		var free sync.Pool // of tiles' memory
		return each(len(grid), func(s *torch.Scope, i int) {
			t := grid[i]
			err := t.fill(xt, yt, &free)
			if err == nil {
				err = f(&t)
			}
			if err != nil {
				s.Fail(err)
				return
			}
			free.Put(&t.Data)
		})
	})
}

// fill computes the tile. Its own scope frees what that takes before the next tile.
func (t *Tile[T]) fill(x, y *torch.Tensor, free *sync.Pool) error {
	var pin runtime.Pinner
	defer pin.Unpin()
	return torch.With(torch.CPU, func(s *torch.Scope) error {
		rows := s.Narrow(x, 0, int64(t.Row), int64(t.Rows))
		columns := transposed(s, s.Narrow(y, 0, int64(t.Column), int64(t.Columns)))
		switch d := any(&t.Data).(type) {
		case *[]float64: // straight into Go's memory
			n := t.Rows * t.Columns
			if old, ok := free.Get().(*[]float64); ok && cap(*old) >= n {
				*d = (*old)[:n]
			} else {
				*d = make([]float64, n)
			}
			s.MatmulInto(s.Over(&pin, *d, int64(t.Rows), int64(t.Columns)), rows, columns)
		case *[]float32:
			*d = s.Floats(s.Matmul(rows, columns))
		}
		return s.Err()
	})
}

// Times is A·B on the calling goroutine alone, for use within Tiles' f.
func Times(a, b *mat.Dense) (*mat.Dense, error) {
	r, k := a.Dims()
	_, c := b.Dims()
	out := mat.NewDense(r, c, nil)
	if r*k*c < tileWork {
		out.Mul(a, b)
		return out, nil
	}
	err := native(func(s *torch.Scope, pin *runtime.Pinner) error {
		s.MatmulInto(over(s, pin, out), over(s, pin, a), over(s, pin, b))
		return s.Err()
	})
	return out, err
}

func tensor[T float32 | float64](s *torch.Scope, pin *runtime.Pinner, r Rows[T]) *torch.Tensor {
	switch v := any(r.Data).(type) {
	case []float64:
		return s.Over(pin, v, int64(r.N), int64(r.D))
	case []float32:
		return s.FromFloats(v, int64(r.N), int64(r.D))
	}
	return nil
}

// small is the product by gonum.
func small[T float32 | float64](x, y Rows[T]) []T {
	out := make([]T, x.N*y.N)
	switch o := any(out).(type) {
	case []float64:
		a, b := any(x.Data).([]float64), any(y.Data).([]float64) //nolint:errcheck // T is float64
		blas64.Gemm(blas.NoTrans, blas.Trans, 1, blas64.General{Rows: x.N, Cols: x.D, Stride: x.D, Data: a},
			blas64.General{Rows: y.N, Cols: y.D, Stride: y.D, Data: b}, 0, blas64.General{Rows: x.N, Cols: y.N, Stride: y.N, Data: o})
	case []float32:
		a, b := any(x.Data).([]float32), any(y.Data).([]float32) //nolint:errcheck // T is float32
		blas32.Gemm(blas.NoTrans, blas.Trans, 1, blas32.General{Rows: x.N, Cols: x.D, Stride: x.D, Data: a},
			blas32.General{Rows: y.N, Cols: y.D, Stride: y.D, Data: b}, 0, blas32.General{Rows: x.N, Cols: y.N, Stride: y.N, Data: o})
	}
	return out
}
