package criteria

import (
	"errors"
	"fmt"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
)

var membershipEntry = audit.Entry[Criterion]{
	Name: "membership", Profile: "quick",
	Doc: "forget images are painted no better than test images, beyond what retrained models do",
	New: func() Criterion { return &Membership{Margin: 0.2, Share: 0.08} },
}

// ReconstructionError is what the attack membership leaves.
var ReconstructionError = audit.Quantity{
	Name: "reconstruction-error", Head: "error", Unit: "mean squared error", Direction: audit.Neutral,
	What: "what the membership attack looks at",
}

// Membership compares how much better forget images are painted than test
// images, as a difference in differences of log errors,
//
//	[ln e(forget) − ln e_oracles(forget)] − [ln e(test) − ln e_oracles(test)],
//
// paired image by image. A model that is merely less fitted errs more on both and
// is not accused; one that knows the forget set errs less on it alone, and one
// that overshot errs more.
//
// A mean hides a few images among many, so each forget image is also looked at
// alone: it counts as remembered where the model's log error, less the model's
// median difference on test images, lies nearer to the original's than to the
// oracles'. Nearer is measured by half the original's median difference, one
// threshold for all images. How often the detector finds a remembered image is
// taken from the original, how often it errs from the model's own test images,
// each at the cautious end of its interval; see [stats.Remembered].
type Membership struct {
	Margin float64 `json:"margin" margin:"any"`  // in log error, on either side
	Share  float64 `json:"share" margin:"share"` // of the forget images that may be remembered
}

// Validate checks the parameters.
func (c *Membership) Validate() error {
	var share error
	if !(c.Share > 0 && c.Share < 1) {
		share = fmt.Errorf("share is %v: want a share of the forget images above 0 and below 1", c.Share)
	}
	return errors.Join(margin("margin", c.Margin), share)
}

// Needs the membership attack.
func (*Membership) Needs() (metrics, attacks []string) { return nil, []string{"membership"} }

// Control is the original, which knows the forget set.
func (*Membership) Control() string { return "original" }

// Words of the criterion.
func (*Membership) Words() Words {
	return Words{
		Seeks:   Influence,
		Pass:    "no evidence that it treats forget images other than unseen ones, beyond the margin",
		Fail:    "it treats forget images other than a retrained model does",
		NoPower: "the original itself cannot be told from retrained models by its errors: too little was memorised, or too few images",
	}
}

// Compare makes the difference in differences, and counts remembered images.
func (c *Membership) Compare(subject, original *audit.Subject, oracles []*audit.Subject) ([]Comparison, error) {
	q, view := ReconstructionError.Name, audit.Hole
	fm, fo, err := sameImages(subject, oracles, q, view, audit.Forget)
	if err != nil {
		return nil, err
	}
	tm, to, err := sameImages(subject, oracles, q, view, audit.Test)
	if err != nil {
		return nil, err
	}
	e, err := stats.DifferenceInDifferences(logs(fm), each(fo, logs), logs(tm), each(to, logs))
	if err != nil {
		return nil, err
	}
	mean := twoSided("forget − test error", "log error", e, c.Margin)
	mean.Fault = unequal(e.Estimate)
	out := []Comparison{mean}
	if original == nil {
		return out, nil
	}
	om, _, err := sameImages(original, oracles, q, view, audit.Forget)
	if err != nil {
		return nil, err
	}
	ot, _, err := sameImages(original, oracles, q, view, audit.Test)
	if err != nil {
		return nil, err
	}
	mine := meanDifference(logs(fm), each(fo, logs))
	test := meanDifference(logs(tm), each(to, logs))
	known := meanDifference(logs(om), each(fo, logs))
	shift(known, -median(meanDifference(logs(ot), each(to, logs))))
	general := median(test)
	shift(mine, -general)
	shift(test, -general)
	share, err := c.remembered(mine, test, known, len(oracles))
	return append(out, share), err
}

// unequal is the fault of a two-sided difference, below 0 where something is known. What lies above 0 is known to be
// avoided: no model that never saw the images does that.
func unequal(estimate float64) audit.Fault {
	if estimate > 0 {
		return audit.GivesAway
	}
	return audit.Remembers
}

// detects is the least by which the rates of the remembered and the forgotten must differ for the count to say
// anything; else the original's own memory is too faint to look for.
const detects = 0.5

// remembered counts the forget images that lie nearer to the original than to the oracles.
func (c *Membership) remembered(mine, test, known []float64, oracles int) (Comparison, error) {
	threshold := median(known) / 2
	out := Comparison{Name: "share of forget images remembered", Scale: "share of forget images", Margin: c.Share, Sides: "above",
		Effect: stats.Effect{Images: len(mine), Seeds: oracles}}
	hits := below(mine, threshold)
	right := stats.ClopperPearson(below(known, threshold), len(known), 0.9)
	wrong := stats.ClopperPearson(below(test, threshold), len(test), 0.9)
	none := stats.Test{PEquivalent: 1, PDifferent: 1}
	if threshold >= 0 || right.Lo-wrong.Hi < detects {
		out.Exact = &Exact{Test: none, Interval: stats.Interval{Lo: 0, Hi: 1}}
		return out, nil
	}
	few := stats.Remembered{N: len(mine), Hits: hits, TPR: right.Lo, FPR: wrong.Lo}  // as many as may be remembered
	many := stats.Remembered{N: len(mine), Hits: hits, TPR: right.Lo, FPR: wrong.Hi} // as few
	var errs [4]error
	var equal, differ stats.Test
	var upper, lower stats.Interval
	out.Effect.Estimate, errs[0] = stats.Remembered{N: len(mine), Hits: hits, TPR: rate(known, threshold), FPR: rate(test, threshold)}.Share()
	equal, errs[1] = few.Test(c.Share)
	differ, errs[2] = many.Test(c.Share)
	upper, errs[3] = few.Bounds(0.9)
	lower, err := many.Bounds(0.9)
	out.Exact = &Exact{
		Test:     stats.Test{PEquivalent: equal.PEquivalent, PDifferent: differ.PDifferent},
		Interval: stats.Interval{Lo: lower.Lo, Hi: upper.Hi, Level: 0.9},
	}
	return out, errors.Join(append(errs[:], err)...)
}

// meanDifference is each image's difference from the mean of the oracles.
func meanDifference(subject []float64, oracles [][]float64) []float64 {
	out := slices.Clone(subject)
	for _, o := range oracles {
		for i := range out {
			out[i] -= o[i] / float64(len(oracles))
		}
	}
	return out
}

func shift(v []float64, by float64) {
	for i := range v {
		v[i] += by
	}
}

func below(v []float64, threshold float64) int {
	n := 0
	for _, x := range v {
		if x < threshold {
			n++
		}
	}
	return n
}

func rate(v []float64, threshold float64) float64 {
	return float64(below(v, threshold)) / float64(len(v))
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}
