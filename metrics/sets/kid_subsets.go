package sets

import (
	"errors"
	"fmt"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/linalg"
	"github.com/lethe-audit/lethe/metrics"
)

// kidOnSubsets takes one of two ways, whichever has fewer operations; that depends on the shapes alone.
func kidOnSubsets(x, y *mat.Dense, rowsX, rowsY [][]int, e KIDEstimator) (metrics.Resamples, error) {
	n, d := x.Dims()
	m, _ := y.Dims()
	for i := range rowsX {
		if err := errors.Join(checkRows("first", rowsX[i], n), checkRows("second", rowsY[i], m)); err != nil {
			return nil, fmt.Errorf("kid subset %d, %w", i, err)
		}
		if err := e.check(len(rowsX[i]), len(rowsY[i])); err != nil {
			return nil, fmt.Errorf("kid subset %d: %w", i, err)
		}
	}
	if allPairsCheaper(n, m, d, rowsX, rowsY) {
		return kidFromAllPairs(x, y, rowsX, rowsY, e)
	}
	return kidEach(x, y, rowsX, rowsY, e)
}

func checkRows(set string, rows []int, n int) error {
	if len(rows) == 0 {
		return fmt.Errorf("%s set: no row is selected", set)
	}
	for _, r := range rows {
		if r < 0 || r >= n {
			return fmt.Errorf("%s set: row %d of a set of %d embeddings does not exist", set, r, n)
		}
	}
	return nil
}

// allPairsCheaper counts what both ways take, in multiplications. All pairs also take one per subset and pair, and a
// mask of 8 bytes per row and subset, which is kept below 256 MB.
func allPairsCheaper(n, m, d int, rowsX, rowsY [][]int) bool {
	whole, each := kernelWork(n, m, d, len(rowsX)), 0.0
	for i := range rowsX {
		each += kernelWork(len(rowsX[i]), len(rowsY[i]), d, 0)
	}
	return len(rowsX)*(n+m) < 32<<20 && whole < each
}

// kernelWork is what the kernels of two sets take: for every element of their tiles d multiplications, what cubing and
// adding takes, and those of the masks; for every row and column of a tile what bringing it to BLAS takes.
func kernelWork(n, m, d, masks int) float64 {
	const cube, bring = 40, 40 // measured against BLAS's multiplications at d = 2048
	work := 0.0
	for _, grid := range [][]linalg.Tile[float64]{linalg.Grid[float64](n, n, true), linalg.Grid[float64](m, m, true),
		linalg.Grid[float64](n, m, false)} {
		for _, t := range grid {
			work += float64(t.Rows)*float64(t.Columns)*float64(d+cube+masks) + bring*float64(t.Rows+t.Columns)*float64(d)
		}
	}
	return work
}

func kidEach(x, y *mat.Dense, rowsX, rowsY [][]int, e KIDEstimator) (metrics.Resamples, error) {
	out := make(metrics.Resamples, len(rowsX))
	var sx, sy []float64 // one subset's rows, overwritten by the next
	for i := range out {
		var a, b *mat.Dense
		a, sx = pickInto(sx, x, rowsX[i])
		b, sy = pickInto(sy, y, rowsY[i])
		k, err := kernels(a, b)
		if err == nil {
			out[i], err = e.fromSums(len(rowsX[i]), len(rowsY[i]), k.total())
		}
		if err != nil {
			return nil, fmt.Errorf("kid subset %d: %w", i, err)
		}
	}
	return out, nil
}

// pickInto copies rows into memory, or into new memory where that is too short.
func pickInto(memory []float64, x *mat.Dense, rows []int) (*mat.Dense, []float64) {
	_, d := x.Dims()
	if len(memory) < len(rows)*d {
		memory = make([]float64, len(rows)*d)
	}
	for i, r := range rows {
		copy(memory[i*d:(i+1)*d], x.RawRowView(r))
	}
	return mat.NewDense(len(rows), d, memory[:len(rows)*d]), memory
}

// kidFromAllPairs computes every kernel value once. With w the mask of a subset (how often each row is in it) and K
// the kernel matrix, wᵀKw is the sum over the subset's pairs.
func kidFromAllPairs(x, y *mat.Dense, rowsX, rowsY [][]int, e KIDEstimator) (metrics.Resamples, error) {
	a, b := linalg.RowsOf(x), linalg.RowsOf(y)
	wx, wy := memberships(rowsX, a.N), memberships(rowsY, b.N)
	xx, selfX, err := maskedSums(a, a, wx, wx, true)
	if err != nil {
		return nil, fmt.Errorf("kid: %w", err)
	}
	yy, selfY, err := maskedSums(b, b, wy, wy, true)
	if err != nil {
		return nil, fmt.Errorf("kid: %w", err)
	}
	xy, _, err := maskedSums(a, b, wx, wy, false)
	if err != nil {
		return nil, fmt.Errorf("kid: %w", err)
	}
	out := make(metrics.Resamples, len(rowsX))
	for i := range out {
		k := kernelSum{xx: xx[i] - selfX[i], selfX: selfX[i], yy: yy[i] - selfY[i], selfY: selfY[i], xy: xy[i]}
		if e == KIDUStatistic {
			for j, r := range rowsX[i] {
				k.pairs += kernel(x.RawRowView(r), y.RawRowView(rowsY[i][j]))
			}
		}
		if out[i], err = e.fromSums(len(rowsX[i]), len(rowsY[i]), k); err != nil {
			return nil, fmt.Errorf("kid subset %d: %w", i, err)
		}
	}
	return out, nil
}

// kernel is the kernel of two rows.
func kernel(a, b []float64) float64 {
	v := []float64{floats.Dot(a, b)}
	cubic(v, len(a))
	return v[0]
}

// memberships counts how often each of n rows is in each subset: n rows, one column per subset.
func memberships(subsets [][]int, n int) *mat.Dense {
	w := mat.NewDense(n, len(subsets), nil)
	for s, rows := range subsets {
		for _, r := range rows {
			w.Set(r, s, w.At(r, s)+1)
		}
	}
	return w
}

// maskedSums is, for every subset, the sum of the kernel over its pairs of rows, and over its rows with themselves.
func maskedSums(x, y linalg.Rows[float64], wx, wy *mat.Dense, same bool) (pairs, self []float64, err error) {
	_, subsets := wx.Dims()
	grid := linalg.Grid[float64](x.N, y.N, same)
	sums, selves := make([][]float64, len(grid)), make([][]float64, len(grid))
	err = linalg.Tiles(x, y, same, func(t *linalg.Tile[float64]) error {
		cubic(t.Data, x.D)
		kw, err := linalg.Times(mat.NewDense(t.Rows, t.Columns, t.Data), rowRange(wy, t.Column, t.Columns))
		if err != nil {
			return err
		}
		s, self := make([]float64, subsets), make([]float64, subsets)
		for i := range t.Rows {
			j := t.Row + i - t.Column
			for c, w := range wx.RawRowView(t.Row + i) {
				s[c] += w * kw.At(i, c)
				if same && j >= 0 && j < t.Columns {
					self[c] += w * t.Data[i*t.Columns+j]
				}
			}
		}
		if same && t.Row != t.Column {
			floats.Scale(2, s) // with the tile below the diagonal that was not computed
		}
		sums[t.Index], selves[t.Index] = s, self
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	pairs, self = make([]float64, subsets), make([]float64, subsets)
	for i := range grid {
		floats.Add(pairs, sums[i])
		floats.Add(self, selves[i])
	}
	return pairs, self, nil
}

// rowRange is a view of n rows.
func rowRange(m *mat.Dense, from, n int) *mat.Dense {
	r := m.RawMatrix()
	return mat.NewDense(n, r.Cols, r.Data[from*r.Stride:(from+n)*r.Stride])
}
