package attacks

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"
)

// predict fits the probe fold by fold and predicts the images left out. Image i is in fold i mod Folds.
func (a *Probe) predict(forget, test *mat.Dense) (known, unseen []float64, err error) {
	n, _ := forget.Dims()
	m, _ := test.Dims()
	known, unseen = make([]float64, n), make([]float64, m)
	for fold := range a.Folds {
		w, err := fitRidge(forget, test, func(i int) bool { return i%a.Folds != fold }, a.Ridge)
		if err != nil {
			return nil, nil, err
		}
		for i := fold; i < n; i += a.Folds {
			known[i] = w.predict(forget.RawRowView(i))
		}
		for i := fold; i < m; i += a.Folds {
			unseen[i] = w.predict(test.RawRowView(i))
		}
	}
	return known, unseen, nil
}

// ridge is a fitted probe on standardised features.
type ridge struct {
	mean, scale, weights []float64
}

// predict is ½ where the probe knows nothing.
func (r ridge) predict(x []float64) float64 {
	y := 0.5
	for j, w := range r.weights {
		y += w * (x[j] - r.mean[j]) * r.scale[j]
	}
	return y
}

// fitRidge solves (Σ c xxᵀ + penalty·I) w = Σ c (y−½) x over the rows that are used, with weights c by which each
// class sums to ½.
func fitRidge(forget, test *mat.Dense, use func(i int) bool, penalty float64) (ridge, error) {
	_, d := forget.Dims()
	r := ridge{mean: make([]float64, d), scale: make([]float64, d), weights: make([]float64, d)}
	classes := []struct {
		x *mat.Dense
		y float64
	}{{forget, 0.5}, {test, -0.5}}
	each := func(f func(x []float64, y, c float64)) {
		for _, cl := range classes {
			n, _ := cl.x.Dims()
			used := 0
			for i := range n {
				if use(i) {
					used++
				}
			}
			for i := range n {
				if use(i) {
					f(cl.x.RawRowView(i), cl.y, 0.5/float64(used))
				}
			}
		}
	}
	each(func(x []float64, _, c float64) {
		for j, v := range x {
			r.mean[j] += c * v
		}
	})
	each(func(x []float64, _, c float64) {
		for j, v := range x {
			r.scale[j] += c * (v - r.mean[j]) * (v - r.mean[j])
		}
	})
	for j, v := range r.scale {
		r.scale[j] = 0 // a feature that never changes says nothing
		if v > 0 {
			r.scale[j] = 1 / math.Sqrt(v)
		}
	}
	gram, right := mat.NewSymDense(d, nil), mat.NewVecDense(d, nil)
	z := mat.NewVecDense(d, nil)
	each(func(x []float64, y, c float64) {
		for j, v := range x {
			z.SetVec(j, (v-r.mean[j])*r.scale[j])
		}
		gram.SymRankOne(gram, c, z)
		right.AddScaledVec(right, c*y, z)
	})
	for j := range d {
		gram.SetSym(j, j, gram.At(j, j)+penalty) // the mean variance is 1
	}
	var chol mat.Cholesky
	if !chol.Factorize(gram) {
		return r, errors.New("the probe has no solution: the layer's values are not finite, or too large")
	}
	w := mat.NewVecDense(d, r.weights)
	return r, chol.SolveVecTo(w, right)
}
