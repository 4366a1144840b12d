package metrics

import (
	"fmt"
	"math"
	"slices"
)

// The constants of KLoM (Georgiev et al. 2024, arXiv 2410.23232, appendix E; unlearning_bench/eval.py).
const (
	klomBins  = 20
	klomFloor = 1e-5 // of the oracles' share in a bin where unlearned models are
	klomClip  = 100  // of margins, on either side
)

// KLoMMax is what KLoM tends to where no oracle is in a bin of the unlearned models: ln 1e5.
var KLoMMax = -math.Log(klomFloor)

// KLoM is the KL divergence of margins of one image: of how unlearned models score it from how retrained models
// (oracles) do,
//
//	KL(p‖q) = Σ p ln(p/q) nats,
//
// p and q being histograms over 20 bins of equal width from the smallest to the largest score of either, q raised to
// 1e-5 where it is smaller and p is not 0, then both scaled to sum 1. Lower is better; 0 for equal histograms, near ln 1e5
// = 11.51 for disjoint ones. Scores are classifier margins, clipped to ±100, or for a generator its negative
// reconstruction errors; the original takes 100 models of each kind and reports the 95th percentile over images.
//
// The largest score falls into the last bin. The published code leaves it out of every bin (np.digitize), and so calls
// nine models in the oracles' bin and one far off equal to ten in it.
// No scores and scores that are not finite are errors.
func KLoM(unlearned, oracles []float64) (float64, error) {
	for name, v := range map[string][]float64{"unlearned": unlearned, "oracle": oracles} {
		if len(v) == 0 {
			return 0, fmt.Errorf("klom without %s scores: give one for each model", name)
		}
		for i, x := range v {
			if !finite(x) {
				return 0, fmt.Errorf("klom: %s score %d is %v: only finite values can be compared", name, i, x)
			}
		}
	}
	u, o := clipped(unlearned), clipped(oracles)
	lo, hi := min(slices.Min(u), slices.Min(o)), max(slices.Max(u), slices.Max(o))
	p, q := histogram(u, lo, hi), histogram(o, lo, hi)
	total := 0.0
	for i := range q {
		if p[i] > 0 {
			q[i] = max(q[i], klomFloor)
		}
		total += q[i]
	}
	kl := 0.0
	for i, x := range p {
		if x > 0 {
			kl += x * math.Log(x/(q[i]/total))
		}
	}
	return max(0, kl), nil
}

func clipped(v []float64) []float64 {
	out := slices.Clone(v)
	for i, x := range out {
		out[i] = min(klomClip, max(-klomClip, x))
	}
	return out
}

// histogram is the share of the values in each bin.
func histogram(v []float64, lo, hi float64) []float64 {
	out := make([]float64, klomBins)
	for _, x := range v {
		at := 0
		for at < klomBins-1 && x >= lo+float64(at+1)*((hi-lo)/klomBins) && hi > lo {
			at++
		}
		out[at] += 1 / float64(len(v))
	}
	return out
}
