package golden

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// Waves is the matrix scale·sin(a(i+1)(j+1) + b(j+1)) + shift with 0-based i, j: inputs that need no file.
func Waves(n, d int, scale, a, b, shift float64) *mat.Dense {
	x := mat.NewDense(n, d, nil)
	for i := range n {
		for j := range d {
			x.Set(i, j, scale*math.Sin(a*float64((i+1)*(j+1))+b*float64(j+1))+shift)
		}
	}
	return x
}

// WaveA and WaveB are two sets of waves, apart by a quarter.
func WaveA(n, d int) *mat.Dense { return Waves(n, d, 1, .37, .11, 0) }
func WaveB(n, d int) *mat.Dense { return Waves(n, d, 1, .53, .29, .25) }

// Normals is an n×d matrix of N(0, 1) values.
func Normals(seed uint64, n, d int) *mat.Dense {
	rng := rand.New(rand.NewPCG(seed, 1))
	x := mat.NewDense(n, d, nil)
	for i := range n {
		for j := range d {
			x.Set(i, j, rng.NormFloat64())
		}
	}
	return x
}

// Shifted adds c[j] to column j.
func Shifted(x *mat.Dense, c []float64) *mat.Dense {
	var y mat.Dense
	y.Apply(func(_, j int, v float64) float64 { return v + c[j] }, x)
	return &y
}

// Rotation is an orthogonal d×d matrix.
func Rotation(seed uint64, d int) *mat.Dense {
	var qr mat.QR
	qr.Factorize(Normals(seed, d, d))
	var q mat.Dense
	qr.QTo(&q)
	return &q
}
