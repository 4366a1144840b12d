package attacks

import (
	"errors"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/audit/stats"
)

// Curves are the ROC curves of telling forget images from test images ([stats.ROC]): by the error, and by [LiRA]'s score
// where there are two other oracles. An oracle leaves LiRA's alone: it shows how far that curve strays from chance when
// nothing was learned.
func (*Membership) Curves(subject *audit.Subject, among Models) ([]audit.Curve, error) {
	var out []audit.Curve
	f, ok1 := subject.Sample(criteria.ReconstructionError.Name, audit.Hole, audit.Forget)
	t, ok2 := subject.Sample(criteria.ReconstructionError.Name, audit.Hole, audit.Test)
	if !ok1 || !ok2 {
		return nil, nil
	}
	if subject.Role != audit.RoleOracle {
		c, err := rocOf("by the error", negative(f.Values), negative(t.Values))
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	lf, lt, err := liraScores(subject, among)
	if err != nil || lf == nil {
		return out, err
	}
	c, err := rocOf("LiRA", lf, lt)
	return append(out, c), err
}

// liraScores are the one-sided scores of forget and of test images; nil where fewer than two oracles were measured.
func liraScores(subject *audit.Subject, among Models) (forget, test []float64, err error) {
	f, t := scoresOf(subject, among.Oracles, audit.Forget), scoresOf(subject, among.Oracles, audit.Test)
	if f == nil || t == nil || len(among.Oracles) < 2 {
		return nil, nil, nil
	}
	forget, err1 := stats.LiRAOneSided(f.own, f.others, stats.Pooled)
	test, err2 := stats.LiRAOneSided(t.own, t.others, stats.Pooled)
	return forget, test, errors.Join(err1, err2)
}

func rocOf(name string, members, nonMembers []float64) (audit.Curve, error) {
	fpr, tpr, err := stats.ROC(members, nonMembers)
	return audit.Curve{Name: name, Kind: audit.ROC, X: fpr, Y: tpr}, err
}

func negative(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = -x
	}
	return out
}

// Curves are the test's power curves ([stats.BackdoorTest.Overlooked]), which the original leaves: for a backdoor as
// alive as its own, and for weaker ones.
func (a *Poisoning) Curves(subject *audit.Subject, among Models) ([]audit.Curve, error) {
	if subject.Role != audit.RoleOriginal {
		return nil, nil
	}
	s, ok := subject.Sample(criteria.TargetDistance.Name, audit.Hole, audit.Triggered)
	threshold, known := a.threshold(among)
	if !ok || !known {
		return nil, nil
	}
	n := len(s.Values)
	own := float64(countBelow(s.Values, threshold)) / float64(n)
	var out []audit.Curve
	for k, alive := range weaker(own) {
		c := audit.Curve{Name: fmt.Sprintf("succeeds in %.3g", alive), Kind: audit.Power, Here: float64(n),
			What: fmt.Sprintf("α = %g, retrained models succeed in %g", a.Alpha, a.Quantile)}
		if k == 0 {
			c.Name += " (the original's)"
		}
		beta, err := stats.BackdoorTest{Alpha: a.Alpha, Q: a.Quantile, P: alive}.Overlooked(max(2*n, 60))
		if err != nil {
			return nil, err
		}
		for i, b := range beta {
			c.X, c.Y = append(c.X, float64(i+1)), append(c.Y, b)
		}
		out = append(out, c)
	}
	return out, nil
}

// weaker are a rate of success and the smaller ones of a half, a quarter and a tenth.
func weaker(alive float64) []float64 {
	out := []float64{alive}
	for _, p := range []float64{0.5, 0.25, 0.1} {
		if p < alive {
			out = append(out, p)
		}
	}
	return out
}
