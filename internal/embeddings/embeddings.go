// Package embeddings checks sets of embeddings and takes rows out of them. A set is a matrix of n rows, one embedding of
// d coordinates a row.
package embeddings

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Check refuses an absent or empty set and names the first value that is not finite.
func Check(name string, x *mat.Dense) (n, d int, err error) {
	if x == nil || x.IsEmpty() {
		return 0, 0, fmt.Errorf("%s is empty: at least one row is needed", name)
	}
	n, d = x.Dims()
	for i := range n {
		for j, v := range x.RawRowView(i) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return 0, 0, fmt.Errorf("%s: row %d has the value %v at coordinate %d: only finite values can be compared", name, i, v, j)
			}
		}
	}
	return n, d, nil
}

// CheckPair checks two sets, which must have the same number of coordinates d; n counts the rows of the first.
func CheckPair(nx string, x *mat.Dense, ny string, y *mat.Dense) (n, d int, err error) {
	n, d, err1 := Check(nx, x)
	_, e, err2 := Check(ny, y)
	if err := errors.Join(err1, err2); err != nil {
		return 0, 0, err
	}
	if d != e {
		return 0, 0, fmt.Errorf("%s has %d coordinates, %s %d: both must come from the same features", nx, d, ny, e)
	}
	return n, d, nil
}

// Largest is the largest magnitude of a row. Dividing by it keeps squares from overflowing or vanishing.
func Largest(row []float64) float64 {
	s := 0.0
	for _, v := range row {
		s = max(s, math.Abs(v))
	}
	return s
}

// Pick copies the named rows, in that order. There must be at least one, and each must exist.
func Pick(x *mat.Dense, rows []int) *mat.Dense {
	_, d := x.Dims()
	out := mat.NewDense(len(rows), d, nil)
	for i, r := range rows {
		out.SetRow(i, x.RawRowView(r))
	}
	return out
}
