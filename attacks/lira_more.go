package attacks

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/audit/stats"
)

// rmia tells forget images from every other test image.
func (a *LiRA) rmia(forget, test *scores) (audit.Statistic, error) {
	var errs []float64
	for _, v := range test.others {
		for _, phi := range v {
			errs = append(errs, math.Exp(-phi))
		}
	}
	slices.Sort(errs)
	likelihood := func(phi float64) float64 { return max(1e-300, math.Exp(-math.Exp(-phi)/(2*errs[len(errs)/2]))) }
	means := func(s *scores, use func(i int) bool) (p, out []float64) {
		for i, phi := range s.own {
			if !use(i) {
				continue
			}
			sum := 0.0
			for _, o := range s.others[i] {
				sum += likelihood(o) / float64(len(s.others[i]))
			}
			p, out = append(p, likelihood(phi)), append(out, sum)
		}
		return p, out
	}
	x, xOut := means(forget, func(int) bool { return true })
	y, yOut := means(test, func(i int) bool { return i%2 == 1 })
	z, zOut := means(test, func(i int) bool { return i%2 == 0 })
	f, err := stats.RMIA(x, xOut, z, zOut, a.A, 1)
	if err != nil {
		return audit.Statistic{}, err
	}
	t, err := stats.RMIA(y, yOut, z, zOut, a.A, 1)
	if err != nil {
		return audit.Statistic{}, err
	}
	return aucOf(rmiaAUC.Name, fmt.Sprintf("P(test score < forget score) a=%g γ=1 population=%d n=%d+%d", a.A, len(z), len(f), len(t)), f, t)
}

// epsilon pairs forget and test images, and guesses the half of which it is surest.
func (a *LiRA) epsilon(forget, test *scores) (audit.Statistic, error) {
	m := min(len(forget.own), len(test.own))
	known := func(s *scores, i int) float64 {
		sum := 0.0
		for _, o := range s.others[i] {
			sum += o / float64(len(s.others[i]))
		}
		return s.own[i] - sum
	}
	order := rand.New(rand.NewPCG(0x6c65746865, 0)).Perm(len(test.own)) // one pairing for every model
	differences := make([]float64, m)
	for i := range m {
		differences[i] = known(forget, i) - known(test, order[i])
	}
	slices.SortStableFunc(differences, func(x, y float64) int {
		switch {
		case math.Abs(x) > math.Abs(y):
			return -1
		case math.Abs(x) < math.Abs(y):
			return 1
		}
		return 0
	})
	run := stats.OneRun{M: m, Guesses: (m + 1) / 2}
	for _, d := range differences[:run.Guesses] {
		if d > 0 {
			run.Right++
		}
	}
	e, err := run.Epsilon(a.Delta, 0.05)
	if err != nil {
		return audit.Statistic{}, err
	}
	return audit.Statistic{Name: oneRunEpsilon.Name, Value: e / 2, Direction: audit.Lower, Identity: fmt.Sprintf(
		"95 %% lower bound, δ=%g: half of the swap's; %d of %d guesses right, %d pairs; for forget sets drawn at random",
		a.Delta, run.Right, run.Guesses, run.M)}, nil
}

// claimHolds holds a claim of (ε, δ)-unlearning against the lower bound: 1 where the bound refutes it. A bound below the
// claim proves nothing, least of all the claim.
func claimHolds(subject *audit.Subject, bound audit.Statistic) (audit.Statistic, bool) {
	g := subject.Guarantee
	if g == nil {
		return audit.Statistic{}, false
	}
	refuted, answer := 0.0, "is not refuted, which does not prove it"
	if bound.Value > g.Epsilon {
		refuted, answer = 1, "FAILS"
	}
	s := audit.Statistic{Name: claimRefuted.Name, Value: refuted, Direction: audit.Lower,
		Identity: fmt.Sprintf("the claim (%.4g, %g) %s: ε ≥ %.4g at 95 %%; %s", g.Epsilon, g.Delta, answer, bound.Value, g.Mechanism)}
	for _, a := range g.Assumptions {
		if !a.Holds {
			s.Identity += "; not by construction: " + a.Text
		}
	}
	return s, true
}

// online tells the subject from each oracle by the forget images' likelihood ratios: in are the shadows of a model, out
// the oracles. It says nothing with fewer than two such shadows or three oracles.
func online(name, what, model string, among Models, forget *scores) ([]audit.Statistic, error) {
	in, shadows := make([][]float64, len(forget.own)), 0
	for _, s := range among.Shadows {
		if s.ShadowOf != model {
			continue
		}
		x, ok := s.Sample(criteria.ReconstructionError.Name, audit.Hole, audit.Forget)
		if !ok || len(x.Values) != len(in) {
			continue // it diverged
		}
		shadows++
		for j, v := range score(x.Values) {
			in[j] = append(in[j], v)
		}
	}
	if shadows < 2 || len(among.Oracles) < 3 {
		return nil, nil
	}
	out := audit.Statistic{Name: name, Lo: 1, Level: 0.95, Direction: audit.Neutral, Identity: fmt.Sprintf(
		"P(oracle's score < %s) online, pooled variance, mean over the (other) oracles, widest interval of one; %d shadows n=%d",
		what, shadows, len(in))}
	for k := range among.Oracles {
		others, held := make([][]float64, len(in)), make([]float64, len(in))
		for j, v := range forget.others {
			held[j] = v[k]
			others[j] = append(append(others[j], v[:k]...), v[k+1:]...)
		}
		mine, err := stats.LiRA(forget.own, in, others, stats.Pooled)
		if err != nil {
			return nil, err
		}
		null, err := stats.LiRA(held, in, others, stats.Pooled)
		if err != nil {
			return nil, err
		}
		one, err := aucOf("", "", mine, null)
		if err != nil {
			return nil, err
		}
		out.Value += one.Value / float64(len(among.Oracles))
		out.Lo, out.Hi = min(out.Lo, one.Lo), max(out.Hi, one.Hi)
	}
	return []audit.Statistic{out}, nil
}
