package metrics

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lethe-audit/lethe/audit/stats"
)

// The constants of the forget score (Google DeepMind, unlearning_evaluation/metric.py; Triantafillou et al. 2024,
// arXiv 2406.09073).
const (
	forgetDelta     = 1e-5
	forgetCap       = 50.  // of ε
	forgetPerUnit   = 100  // thresholds in a unit of the score
	forgetBuffer    = 2.   // around the narrower population, for rules of two thresholds
	forgetNarrow    = 0.01 // a population narrower than this share of the other's width is told at once
	forgetBin       = 0.5  // width of a bin of ε; the bins give 1, ½, ¼, … points
	forgetNoSamples = 2    // the least models of each kind
)

// ForgetEpsilon is how well the models that unlearned one image can be told from models retrained without it.
type ForgetEpsilon struct {
	// Epsilon is the plug-in estimate: the largest over all rules. It is biased upwards, as the rule is chosen on the
	// models that it is judged on.
	Epsilon float64
	// Low is a lower bound on ε at the given level: the rule is chosen on every other model and judged on the rest, with
	// Clopper–Pearson bounds on both of its error rates.
	Low float64
}

// ErrNoRule is ForgetEpsilonOf's answer where no rule errs on both kinds of models, nor on neither: the published code
// fails there. More models of each kind are needed.
var ErrNoRule = errors.New("forget score: no rule with errors of both kinds: score more models")

// ForgetEpsilonOf takes one image's scores under unlearned and under retrained models. A rule calls models positive
// whose score is at least a threshold, or between two; with its false positive and false negative rates,
//
//	ε = max( ln((1 − δ − FPR)/FNR), ln((1 − δ − FNR)/FPR) ),  δ = 1e−5,
//
// the larger of the two (taking the smaller one understates it), at least 0, ∞ where both rates are 0 and no evidence
// where one alone is; the estimate is the largest over all rules, cut at 50. Lower is better: 0 means that no rule tells
// them apart. Positive is the kind with the larger median for one threshold, the narrower kind for two.
//
// For a classifier a score is the logit-scaled confidence; for a generator it is the negative reconstruction error of
// the image, on whatever scale (such as −10·log₁₀ of the error) makes a hundredth a fine step.
// level is that of Low, such as 0.95. Fewer than 4 models of a kind, or scores that are not finite, are errors.
func ForgetEpsilonOf(unlearned, retrained []float64, level float64) (ForgetEpsilon, error) {
	if len(unlearned) < 2*forgetNoSamples || len(retrained) < 2*forgetNoSamples {
		return ForgetEpsilon{}, fmt.Errorf("forget score from %d unlearned and %d retrained models: at least %d of each are needed",
			len(unlearned), len(retrained), 2*forgetNoSamples)
	}
	if !(level > 0 && level < 1) {
		return ForgetEpsilon{}, fmt.Errorf("forget score: level %v: give one between 0 and 1, such as 0.95", level)
	}
	for _, v := range [][]float64{unlearned, retrained} {
		for i, x := range v {
			if !finite(x) {
				return ForgetEpsilon{}, fmt.Errorf("forget score: score %d is %v: only finite values can be compared", i, x)
			}
		}
	}
	_, eps, err := bestRule(unlearned, retrained)
	if err != nil {
		return ForgetEpsilon{}, err
	}
	out := ForgetEpsilon{Epsilon: min(forgetCap, eps)}
	rule, _, err := bestRule(everyOther(unlearned, 0), everyOther(retrained, 0))
	if errors.Is(err, ErrNoRule) {
		return out, nil // half of the models show nothing: the bound is 0
	}
	if err != nil {
		return ForgetEpsilon{}, err
	}
	out.Low = min(out.Epsilon, rule.bound(everyOther(unlearned, 1), everyOther(retrained, 1), level))
	return out, nil
}

// ForgetScore is the mean over images of the points of their ε: 1 below 0.5, ½ below 1, ¼ below 1.5 and so on, up to
// the largest ε that so many models can show, ⌈ln(models − 1)⌉, and 0 beyond. Higher is better, 1 is perfect. The
// challenge multiplies it with the ratios of retain and test accuracy to the retrained models'.
func ForgetScore(eps []ForgetEpsilon, models int) (float64, error) {
	if len(eps) == 0 || models < 2*forgetNoSamples {
		return 0, fmt.Errorf("forget score of %d images from %d models: at least one image and %d models are needed", len(eps),
			models, 2*forgetNoSamples)
	}
	bins := int(math.Ceil(math.Log(float64(models-1))) / forgetBin)
	sum := 0.0
	for _, e := range eps {
		if bin := int(e.Epsilon / forgetBin); bin < bins {
			sum += math.Pow(0.5, float64(bin))
		}
	}
	return sum / float64(len(eps)), nil
}

// rule calls a score positive if it lies between lo and hi; unlearnedPositive says which kind positive means.
type rule struct {
	lo, hi            float64
	unlearnedPositive bool
}

// errors counts the false positives and the false negatives, and of how many.
func (r rule) errors(unlearned, retrained []float64) (fp, fn, negatives, positives int) {
	pos, neg := retrained, unlearned
	if r.unlearnedPositive {
		pos, neg = unlearned, retrained
	}
	in := func(v []float64) (n int) {
		for _, x := range v {
			if r.lo <= x && x <= r.hi {
				n++
			}
		}
		return n
	}
	return in(neg), len(pos) - in(pos), len(neg), len(pos)
}

// bound is a lower bound on ε from models that the rule was not chosen on.
func (r rule) bound(unlearned, retrained []float64, level float64) float64 {
	fp, fn, negatives, positives := r.errors(unlearned, retrained)
	fpr := stats.ClopperPearson(fp, negatives, level).Hi // each end misses with (1−level)/2, both with 1−level
	fnr := stats.ClopperPearson(fn, positives, level).Hi
	return max(0, epsilon(fpr, fnr))
}

// epsilon of two rates above 0; not a number, and so no evidence, where a logarithm's argument is not positive.
func epsilon(fpr, fnr float64) float64 {
	a, b := math.Log(1-forgetDelta-fpr)-math.Log(fnr), math.Log(1-forgetDelta-fnr)-math.Log(fpr)
	switch {
	case math.IsNaN(a):
		return b
	case math.IsNaN(b):
		return a
	}
	return max(a, b)
}

func everyOther(v []float64, from int) []float64 {
	var out []float64
	for i := from; i < len(v); i += 2 {
		out = append(out, v[i])
	}
	return out
}

// sample is sorted scores.
type sample []float64

func (s sample) width() float64 { return s[len(s)-1] - s[0] }

// between is the share of scores from lo to hi.
func (s sample) between(lo, hi float64) float64 {
	from, _ := slices.BinarySearch(s, lo)
	to, _ := slices.BinarySearch(s, math.Nextafter(hi, math.Inf(1)))
	return float64(max(0, to-from)) / float64(len(s))
}

func (s sample) median() float64 { return (s[(len(s)-1)/2] + s[len(s)/2]) / 2 }
