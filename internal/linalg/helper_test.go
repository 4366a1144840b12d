package linalg

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// normals is an n×d matrix of N(0, 1) values.
func normals(seed uint64, n, d int) *mat.Dense {
	rng := rand.New(rand.NewPCG(seed, 1))
	x := mat.NewDense(n, d, nil)
	for i := range x.RawMatrix().Data {
		x.RawMatrix().Data[i] = rng.NormFloat64()
	}
	return x
}

// covariance is a positive definite d×d matrix, both triangles filled.
func covariance(seed uint64, d int) *mat.Dense {
	x := normals(seed, 2*d, d)
	var s mat.Dense
	s.Mul(x.T(), x)
	mirror(&s)
	return &s
}
