package stats

import (
	"fmt"
	"slices"
)

// OperatingPoint is one threshold of a membership attack: an image is called a
// member if its score exceeds Threshold.
type OperatingPoint struct {
	Threshold      float64  `json:"threshold"`
	TPR            float64  `json:"tpr"` // share of members called members
	FPR            float64  `json:"fpr"` // share of non-members called members
	TruePositives  int      `json:"truePositives"`
	FalsePositives int      `json:"falsePositives"`
	Members        int      `json:"members"`
	NonMembers     int      `json:"nonMembers"`
	Interval       Interval `json:"interval"` // Clopper–Pearson, of TPR at this threshold
}

// TPRAtFPR returns the operating point with the greatest true-positive rate whose
// false-positive rate is at most fpr; a higher score means more of a member. The
// threshold is the least score of a non-member that at most fpr of the
// non-members exceed, so that ties never raise FPR above fpr. The interval takes
// the threshold as given. With fewer than 1/fpr non-members the point is that of
// no false positive at all.
//
// Source: Carlini et al., IEEE S&P 2022 (TPR at low FPR); same rule as the last
// ROC point with FPR ≤ fpr of ml_privacy_meter.
func TPRAtFPR(members, nonMembers []float64, fpr, level float64) (OperatingPoint, error) {
	if err := checkPair("members", members, "nonMembers", nonMembers, 1); err != nil {
		return OperatingPoint{}, err
	}
	if err := checkLevel(level); err != nil {
		return OperatingPoint{}, err
	}
	if !(fpr >= 0 && fpr < 1) {
		return OperatingPoint{}, fmt.Errorf("fpr is %v, give one from 0 to below 1", fpr)
	}
	descending := slices.Sorted(slices.Values(nonMembers))
	slices.Reverse(descending)
	size := float64(len(descending))
	// The product may round to either side of a whole number: settle it by the rate.
	allowed := min(int(fpr*size)+1, len(descending)-1)
	for float64(allowed)/size > fpr {
		allowed--
	}
	p := OperatingPoint{Threshold: descending[allowed], Members: len(members), NonMembers: len(nonMembers)}
	p.TruePositives, p.FalsePositives = above(members, p.Threshold), above(nonMembers, p.Threshold)
	p.TPR = float64(p.TruePositives) / float64(p.Members)
	p.FPR = float64(p.FalsePositives) / size
	p.Interval = ClopperPearson(p.TruePositives, p.Members, level)
	return p, nil
}

// ROC returns false-positive and true-positive rates at every threshold, from the greatest score down to the least; a
// higher score means more of a member, and one at the threshold is called a member. The curve is for logarithmic axes
// (Carlini et al., IEEE S&P 2022): a rate of no image at all is given as that of one, 1/n.
func ROC(members, nonMembers []float64) (fpr, tpr []float64, err error) {
	if err := checkPair("members", members, "nonMembers", nonMembers, 1); err != nil {
		return nil, nil, err
	}
	thresholds := slices.Concat(members, nonMembers)
	slices.Sort(thresholds)
	thresholds = slices.Compact(thresholds)
	slices.Reverse(thresholds)
	atLeast := func(scores []float64) func(threshold float64) float64 {
		sorted := slices.Sorted(slices.Values(scores))
		return func(threshold float64) float64 {
			less, _ := slices.BinarySearch(sorted, threshold)
			return float64(max(len(sorted)-less, 1)) / float64(len(sorted))
		}
	}
	known, unseen := atLeast(members), atLeast(nonMembers)
	for _, t := range thresholds {
		fpr, tpr = append(fpr, unseen(t)), append(tpr, known(t))
	}
	return fpr, tpr, nil
}

func above(x []float64, threshold float64) int {
	n := 0
	for _, v := range x {
		if v > threshold {
			n++
		}
	}
	return n
}
