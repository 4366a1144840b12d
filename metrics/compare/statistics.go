package compare

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/npy"
	"github.com/lethe-audit/lethe/metrics/sets"
)

// statisticsOf reads the mean [d] and covariance [d, d] that pytorch-fid, TTUR and others publish. Their files do not
// say how many images they are of; ours do, under n.
func statisticsOf(mu, sigma, count npy.Array) (*sets.Moments, error) {
	if len(mu.Shape) == 2 && mu.Shape[0] == 1 { // some files hold a row
		mu.Shape = mu.Shape[1:]
	}
	if len(mu.Shape) != 1 || len(sigma.Shape) != 2 || sigma.Shape[0] != mu.Shape[0] || sigma.Shape[1] != mu.Shape[0] {
		return nil, fmt.Errorf("mu has shape %v and sigma %v: want [d] and [d, d]", mu.Shape, sigma.Shape)
	}
	n := 0
	if len(count.Values) == 1 {
		if v := count.Values[0]; v == math.Trunc(v) && v >= 2 && v < 1<<53 {
			n = int(v)
		} else {
			return nil, fmt.Errorf("n is %v: want a whole number of at least 2", v)
		}
	}
	return sets.MomentsOf(n, mu.Values, mat.NewDense(sigma.Shape[0], sigma.Shape[1], sigma.Values))
}

// saveStatistics writes mu, sigma and n in the field's layout.
func saveStatistics(path string, s *side) error {
	if s.moments == nil {
		return errors.New("save statistics: nothing was measured from features")
	}
	cov, err := s.moments.Covariance()
	if err != nil {
		return fmt.Errorf("save statistics: %w", err)
	}
	d := cov.SymmetricDim()
	arrays := map[string]npy.Array{
		"mu":    {Shape: []int{d}, Values: s.moments.Mean()},
		"sigma": {Shape: []int{d, d}, Values: mat.DenseCopyOf(cov).RawMatrix().Data},
	}
	if n := s.moments.N(); n > 0 {
		arrays["n"] = npy.Array{Shape: []int{1}, Values: []float64{float64(n)}}
	}
	return npy.WriteFile(path, arrays)
}
