package stats

import (
	"fmt"
	"slices"
)

// RMIA is the relative membership inference attack (Zarifzadeh et al. 2024, arXiv 2312.03262, section 3): the share of
// population examples z of which an example x is more than γ times as much likelier under the target model than
// elsewhere,
//
//	r(x) = p(x | target) / p̄(x),  p̄(x) = ((1+a)·p̄_out(x) + (1−a)) / 2,  score = mean_z 1[r(x) / r(z) > γ],
//
// where p̄_out is the mean over reference models that were not trained on the example, and a makes up for those that
// were (1 where training changes nothing). Probabilities in (0, 1]; scores from 0 to 1, larger says more that the
// example was trained on. Agrees with run_rmia of privacytrustlab/ml_privacy_meter.
func RMIA(target, out, popTarget, popOut []float64, a, gamma float64) ([]float64, error) {
	if len(target) == 0 || len(popTarget) == 0 || len(out) != len(target) || len(popOut) != len(popTarget) {
		return nil, fmt.Errorf("rmia: %d examples with %d means of reference models, %d of the population with %d: want as "+
			"many of each, and some", len(target), len(out), len(popTarget), len(popOut))
	}
	if !(a >= 0 && a <= 1) || !(gamma > 0) {
		return nil, fmt.Errorf("rmia: a is %v and gamma %v: want a from 0 to 1, and a positive ratio", a, gamma)
	}
	for _, v := range [][]float64{target, out, popTarget, popOut} {
		if i := slices.IndexFunc(v, func(p float64) bool { return !(p > 0 && p <= 1) }); i >= 0 {
			return nil, fmt.Errorf("rmia: %v is not a probability above 0", v[i])
		}
	}
	ratio := func(p, out float64) float64 { return p / (((1+a)*out + (1 - a)) / 2) }
	z := make([]float64, len(popTarget))
	for i := range z {
		z[i] = ratio(popTarget[i], popOut[i])
	}
	score := make([]float64, len(target))
	for j := range score {
		x, wins := ratio(target[j], out[j]), 0
		for _, r := range z {
			if x/r > gamma {
				wins++
			}
		}
		score[j] = float64(wins) / float64(len(z))
	}
	return score, nil
}
