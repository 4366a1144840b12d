package sets

import (
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/linalg"
)

// kernelRows holds a kernel matrix's sums: of every row, of every column, and its diagonal. A set's own matrix is
// symmetric; its sums leave the diagonal out, and columns is nil.
type kernelRows struct{ rows, columns, diagonal []float64 }

// pairKernels are the three kernel matrices of two sets, summed by rows.
type pairKernels struct{ xx, yy, xy kernelRows }

func kernels(x, y *mat.Dense) (*pairKernels, error) {
	a, b := linalg.RowsOf(x), linalg.RowsOf(y)
	var k pairKernels
	var err error
	if k.xx, err = kernelSums(a, a, true); err != nil {
		return nil, err
	}
	if k.yy, err = kernelSums(b, b, true); err != nil {
		return nil, err
	}
	k.xy, err = kernelSums(a, b, false)
	return &k, err
}

func (k *pairKernels) total() kernelSum {
	return kernelSum{xx: floats.Sum(k.xx.rows), selfX: floats.Sum(k.xx.diagonal), yy: floats.Sum(k.yy.rows), selfY: floats.Sum(k.yy.diagonal),
		xy: floats.Sum(k.xy.rows), pairs: floats.Sum(k.xy.diagonal)}
}

// cubic turns products a·b of embeddings into (a·b/d + 1)³.
func cubic(products []float64, d int) {
	f := 1 / float64(d)
	for i, v := range products {
		v = v*f + 1
		products[i] = v * v * v
	}
}

// kernelSums sums the kernel matrix of two sets. Each tile leaves its own row and column sums, which are added in the
// order of the tiles: the bits do not depend on who computed which.
func kernelSums(x, y linalg.Rows[float64], same bool) (kernelRows, error) {
	grid := linalg.Grid[float64](x.N, y.N, same)
	rows, columns := make([][]float64, len(grid)), make([][]float64, len(grid))
	k := kernelRows{rows: make([]float64, x.N), columns: make([]float64, y.N), diagonal: make([]float64, min(x.N, y.N))}
	err := linalg.Tiles(x, y, same, func(t *linalg.Tile[float64]) error {
		cubic(t.Data, x.D)
		r, c := make([]float64, t.Rows), make([]float64, t.Columns)
		for i := range r {
			row := t.Data[i*t.Columns : (i+1)*t.Columns]
			if j := t.Row + i - t.Column; j >= 0 && j < t.Columns {
				k.diagonal[t.Row+i] = row[j]
				if same {
					row[j] = 0
				}
			}
			s := 0.0
			for j, v := range row {
				s += v
				c[j] += v
			}
			r[i] = s
		}
		rows[t.Index], columns[t.Index] = r, c
		return nil
	})
	if err != nil {
		return kernelRows{}, err
	}
	for _, t := range grid {
		floats.Add(k.rows[t.Row:t.Row+t.Rows], rows[t.Index])
		switch {
		case !same:
			floats.Add(k.columns[t.Column:t.Column+t.Columns], columns[t.Index])
		case t.Row != t.Column: // the tile below the diagonal that was not computed
			floats.Add(k.rows[t.Column:t.Column+t.Columns], columns[t.Index])
		}
	}
	if same {
		k.columns = nil
	}
	return k, nil
}
