package stats

import (
	"fmt"
	"math"
	"slices"
)

// Spread says how the standard deviations of a likelihood ratio attack are taken. With few shadow models the spread of
// each example by itself is a rough guess, and one for all of them is better (Carlini et al. 2022, section VI-C).
type Spread int

// The spreads.
const (
	PerExample Spread = iota // of each example's scores about their mean, divisor n
	Global                   // of all scores about their common mean, divisor n: the published "fixed variance"
	Pooled                   // of all scores about the mean of their own example, divisor Σ(n−1)
)

// LiRA is the likelihood ratio attack (Carlini et al. 2022, arXiv 2112.03570, algorithm 1): for each example
//
//	ln N(score; median in, σ_in) − ln N(score; median out, σ_out),
//
// in[j] and out[j] being the scores of example j by shadow models that were trained with it and without. Larger says
// more that it was trained on. With models that were trained with it and then unlearned as in, and retrained ones as
// out, it is U-LiRA (Hayes et al. 2024, arXiv 2403.01218), and larger says more that the model was not retrained.
//
// Each σ is of its own scores. The code published with the paper (tensorflow/privacy, mi_lira_2021/plot.py) takes that
// of the in-scores for both where the variance is fixed. 1e-30 is added to each, as there. The numbers of scores must
// fit each other; Pooled wants two of at least one example, the others one of each.
func LiRA(score []float64, in, out [][]float64, s Spread) ([]float64, error) {
	a, err := gaussiansOf("in", len(score), in, s)
	if err != nil {
		return nil, err
	}
	b, err := gaussiansOf("out", len(score), out, s)
	if err != nil {
		return nil, err
	}
	v := make([]float64, len(score))
	for j, x := range score {
		v[j] = a.log(j, x) - b.log(j, x)
	}
	return v, nil
}

// LiRAOffline is the attack without models that were trained with the example: ln N(score; median out, σ_out). The
// published sign is kept: smaller says that the score is unlike that of a model which never saw the example, on
// either side.
func LiRAOffline(score []float64, out [][]float64, s Spread) ([]float64, error) {
	b, err := gaussiansOf("out", len(score), out, s)
	if err != nil {
		return nil, err
	}
	v := make([]float64, len(score))
	for j, x := range score {
		v[j] = b.log(j, x)
	}
	return v, nil
}

// LiRAOneSided is the offline attack of Carlini et al. 2022, section VI-D, as a standard score: (score − median out) /
// σ_out. Larger says more that the example was trained on, where training raises scores.
func LiRAOneSided(score []float64, out [][]float64, s Spread) ([]float64, error) {
	b, err := gaussiansOf("out", len(score), out, s)
	if err != nil {
		return nil, err
	}
	v := make([]float64, len(score))
	for j, x := range score {
		v[j] = (x - b.centre[j]) / b.sigma[j]
	}
	return v, nil
}

// gaussians are one for each example.
type gaussians struct{ centre, sigma []float64 }

func (g gaussians) log(j int, x float64) float64 {
	z := (x - g.centre[j]) / g.sigma[j]
	return -z*z/2 - math.Log(g.sigma[j]) - math.Log(2*math.Pi)/2
}

func gaussiansOf(side string, examples int, scores [][]float64, s Spread) (gaussians, error) {
	if examples == 0 || len(scores) != examples {
		return gaussians{}, fmt.Errorf("likelihood ratio attack: %d examples, and %s-scores of %d", examples, side, len(scores))
	}
	g := gaussians{centre: make([]float64, examples), sigma: make([]float64, examples)}
	var all []float64
	within, free := 0.0, 0
	for j, v := range scores {
		if len(v) == 0 {
			return g, fmt.Errorf("likelihood ratio attack: example %d has no %s-scores: more shadow models are needed", j, side)
		}
		sorted := slices.Sorted(slices.Values(v))
		n := len(sorted)
		g.centre[j] = (sorted[(n-1)/2] + sorted[n/2]) / 2
		g.sigma[j] = math.Sqrt(squares(v) / float64(n))
		all = append(all, v...)
		within, free = within+squares(v), free+n-1
	}
	if s == PerExample {
		for j := range g.sigma {
			g.sigma[j] += 1e-30
		}
		return g, nil
	}
	common := math.Sqrt(squares(all) / float64(len(all)))
	if s == Pooled {
		if free == 0 {
			return g, fmt.Errorf("likelihood ratio attack: one %s-score of each example tells nothing of their spread: more "+
				"shadow models are needed", side)
		}
		common = math.Sqrt(within / float64(free))
	}
	for j := range g.sigma {
		g.sigma[j] = common + 1e-30
	}
	return g, nil
}

// squares is the sum of squared deviations from the mean.
func squares(v []float64) float64 {
	mean, sum := 0.0, 0.0
	for _, x := range v {
		mean += x / float64(len(v))
	}
	for _, x := range v {
		sum += (x - mean) * (x - mean)
	}
	return sum
}
