package attacks

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/audit/stats"
)

var liraEntry = audit.Entry[Attack]{
	Name: "lira", Profile: "strict",
	Doc:    "membership by what retrained models make of each image: LiRA, U-LiRA with shadows, RMIA, and a lower bound on ε",
	New:    func() Attack { return &LiRA{FPR: 0.01, A: 0.3, Delta: 1e-5} },
	Leaves: []audit.Quantity{liraAUC, liraTPR, rmiaAUC, oneRunEpsilon, claimRefuted, onlineAUC, unlearnedAUC},
}

// What the attack leaves.
var (
	liraAUC = audit.Quantity{Name: "LiRA AUC", Head: "LiRA", Unit: "0…1", Direction: audit.Neutral,
		What: "chance that a forget image looks more trained on than a test image, each held against the retrained models"}
	liraTPR = audit.Quantity{Name: "LiRA TPR@1%FPR", Head: "LiRA 1%", Unit: "share, 0…1", Direction: audit.Lower,
		What: "forget images found out by LiRA when 1 % of test images are accused wrongly"}
	rmiaAUC = audit.Quantity{Name: "RMIA AUC", Head: "RMIA", Unit: "0…1", Direction: audit.Neutral,
		What: "the same chance by pairwise likelihood ratios"}
	oneRunEpsilon = audit.Quantity{Name: "one-run ε ≥", Head: "ε ≥", Unit: "nats", Direction: audit.Lower,
		What: "lower bound on the ε of (ε, δ)-unlearning, at 95 %"}
	claimRefuted = audit.Quantity{Name: "claimed ε refuted", Head: "refuted", Unit: "1 where it is", Direction: audit.Lower,
		What: "whether that bound lies above the ε that the method claims"}
	onlineAUC = audit.Quantity{Name: "online LiRA AUC", Head: "LiRA on.", Unit: "0…1", Direction: audit.Neutral,
		What: "chance to tell the model from a retrained one by models that were trained on the forget set"}
	unlearnedAUC = audit.Quantity{Name: "U-LiRA AUC", Head: "U-LiRA", Unit: "0…1", Direction: audit.Neutral,
		What: "chance to tell the model from a retrained one by models that the same method unlearned"}
)

// LiRA is membership inference example by example: every image is held against what models that never saw it make of
// it, the retrained ones. Hard and easy images no longer blur the answer, as they do for the attack membership. It
// takes that attack's samples and adds none; the score of an image is φ = −ln error.
//
//   - LiRA: φ less the median of the oracles', over the spread that all images have in common ([stats.LiRAOneSided]);
//     AUC and TPR of telling forget images from test images.
//   - RMIA ([stats.RMIA]): likelihoods exp(−error/2s²), s² being the oracles' median error on test images; the test
//     images of even number are the population, the others are told from forget images.
//   - One-run ε ([stats.OneRun]): a lower bound on the ε of (ε, δ)-unlearning, below.
//   - Online LiRA, where the plan has shadows ([stats.LiRA]): in are the shadows' originals, which were trained on the
//     forget set, out the oracles; AUC of telling the subject from each oracle by the scores of its forget images.
//   - U-LiRA: the same with what the same method made of those shadows as in; ½ where unlearned and retrained models
//     are alike. Population attacks understate what is left (Hayes et al. 2024).
//
// # One-run ε
//
// Every clean forget image is paired with a test image at random. If the forget set was drawn at random from what the
// test images come from, which of a pair was trained on and forgotten is a fair coin; the guess is the one with the
// larger score less the oracles', and the half of the pairs with the larger differences are guessed. Were the delivered
// model (ε, δ)-close to a retrained one, whose law does not depend on which of the pair was forgotten, swapping the two
// could change its law by two such steps, e^2ε: half of the bound on the swap bounds ε. The bound holds with
// probability 95 %, over the draw of the forget set and the training; it is not one for class-wise forgetting, where
// forget and test images differ anyway.
type LiRA struct {
	FPR   float64 `json:"fpr"`   // false-positive rate at which the true-positive rate is read
	A     float64 `json:"a"`     // of RMIA: 1 where training changes nothing
	Delta float64 `json:"delta"` // of (ε, δ)
}

// Validate checks the parameters.
func (a *LiRA) Validate() error {
	if !(a.FPR > 0 && a.FPR < 1) || !(a.A >= 0 && a.A <= 1) || !(a.Delta >= 0 && a.Delta < 1) {
		return fmt.Errorf("fpr %v, a %v and delta %v: want a rate between 0 and 1, and probabilities", a.FPR, a.A, a.Delta)
	}
	return nil
}

// Reads the samples of membership.
func (*LiRA) Reads() []string { return []string{"membership"} }

// Measure has nothing to measure.
func (*LiRA) Measure(context.Context, *Target) ([]audit.Sample, error) { return nil, nil }

// Statistics sums up one subject. Without two oracles there is no spread, and nothing is said.
func (a *LiRA) Statistics(subject *audit.Subject, among Models) ([]audit.Statistic, error) {
	f, t, err := liraScores(subject, among)
	if err != nil || f == nil {
		return nil, err
	}
	forget, test := scoresOf(subject, among.Oracles, audit.Forget), scoresOf(subject, among.Oracles, audit.Test)
	var out []audit.Statistic
	n := fmt.Sprintf("against the (other) oracles n=%d+%d", len(f), len(t))
	auc, err := aucOf(liraAUC.Name, "P(test score < forget score) offline, pooled variance, "+n, f, t)
	if err != nil {
		return nil, err
	}
	op, err := stats.TPRAtFPR(f, t, a.FPR, 0.95)
	if err != nil {
		return nil, err
	}
	out = append(out, auc, audit.Statistic{Name: fmt.Sprintf("LiRA TPR@%g%%FPR", 100*a.FPR), Value: op.TPR,
		Lo: op.Interval.Lo, Hi: op.Interval.Hi, Level: 0.95, Direction: audit.Lower, Identity: "score=LiRA " + n})
	for _, more := range []func(forget, test *scores) (audit.Statistic, error){a.rmia, a.epsilon} {
		s, err := more(forget, test)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	if s, ok := claimHolds(subject, out[len(out)-1]); ok {
		out = append(out, s)
	}
	o, err1 := online(onlineAUC.Name, "model's score", "original", among, forget)
	u, err2 := online(unlearnedAUC.Name, "unlearned model's", subject.Name, among, forget)
	return slices.Concat(out, o, u), errors.Join(err1, err2)
}

// scores are φ of one part's images, by the subject and, image by image, by the oracles.
type scores struct {
	own    []float64
	others [][]float64
}

// scoresOf is nil where somebody has no sample of the part.
func scoresOf(subject *audit.Subject, oracles []*audit.Subject, p audit.Part) *scores {
	own, ok := subject.Sample(criteria.ReconstructionError.Name, audit.Hole, p)
	if !ok {
		return nil
	}
	s := &scores{own: score(own.Values), others: make([][]float64, len(own.Values))}
	for _, o := range oracles {
		x, ok := o.Sample(criteria.ReconstructionError.Name, audit.Hole, p)
		if !ok || len(x.Values) != len(own.Values) {
			return nil
		}
		for j, v := range score(x.Values) {
			s.others[j] = append(s.others[j], v)
		}
	}
	return s
}

func score(errs []float64) []float64 {
	out := make([]float64, len(errs))
	for i, e := range errs {
		out[i] = -math.Log(max(e, 1e-12))
	}
	return out
}

// aucOf is P(low < high) as a statistic that is best near the oracles'.
func aucOf(name, identity string, high, low []float64) (audit.Statistic, error) {
	auc, err := stats.AUC(low, high)
	if err != nil {
		return audit.Statistic{}, err
	}
	ci, err := stats.AUCInterval(low, high, 0.95)
	return audit.Statistic{Name: name, Value: auc, Lo: ci.Lo, Hi: ci.Hi, Level: 0.95, Direction: audit.Neutral, Identity: identity}, err
}
