package palette

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/models"
)

// A schedule is how much of a picture is left at every time of a diffusion,
//
//	γ_t = Π_{s ≤ t} (1 − β_s), t = 0 … T, γ_0 = 1 (Ho et al. 2020, arXiv 2006.11239, eq. 4, where it is ᾱ),
//
// so that y_t = √γ_t·y_0 + √(1−γ_t)·ε with ε ~ N(0, 1).
type schedule []float64

// linear is the schedule with β from start to end in even steps.
func linear(steps int, start, end float64) schedule {
	g := make(schedule, steps+1)
	g[0] = 1
	for t := range steps {
		beta := start
		if steps > 1 {
			beta += (end - start) * float64(t) / float64(steps-1)
		}
		g[t+1] = g[t] * (1 - beta)
	}
	return g
}

// level is a noise level for training: t uniform in 1 … T, then γ uniform between
// γ_t and γ_{t−1} (Chen et al. 2021, arXiv 2009.00713, 3.2; Palette, appendix).
func (g schedule) level(r *rand.Rand) float64 {
	t := 1 + r.IntN(len(g)-1)
	return g[t] + (g[t-1]-g[t])*r.Float64()
}

// at is the level at the time nearest to a share of T, and no less than 1.
func (g schedule) at(share float64) float64 {
	t := math.Round(share * float64(len(g)-1))
	return g[max(1, min(len(g)-1, int(t)))]
}

// levels are the noise levels of a sampler of n steps, from γ_T to 1, at even
// times: n + 1 numbers.
func (g schedule) levels(n int) []float64 {
	out := make([]float64, n+1)
	for k := range out {
		t := math.Round(float64(len(g)-1) * float64(n-k) / float64(n))
		out[k] = g[int(t)]
	}
	return out
}

func validSchedule(steps int, start, end float64, samples int) error {
	if !(start > 0 && start <= end && end < 1) {
		return fmt.Errorf("betaStart %v and betaEnd %v: want 0 < betaStart ≤ betaEnd < 1", start, end)
	}
	if samples > steps {
		return fmt.Errorf("sampleSteps %d are more than the %d steps of the schedule", samples, steps)
	}
	return nil
}

// noises draws what is random in a batch, image by image: image i's generator is
// seeded by the batch's seed, the purpose and the image's place, and by nothing
// else. For each, f gets the generator and n standard normal numbers to keep.
func noises(in models.Input, purpose string, n int, f func(i int, r *rand.Rand)) []float32 {
	out := make([]float32, in.N*n)
	seed := audit.Seed(in.Seed, "diffusion", purpose)
	for i := range in.N {
		r := rand.New(rand.NewPCG(seed, uint64(in.First+i)))
		if f != nil {
			f(i, r)
		}
		for k := range n {
			out[i*n+k] = float32(r.NormFloat64())
		}
	}
	return out
}

// waves embeds noise levels as cosines and sines, [N, d]: of frequencies
// 10000^(−k/(d/2)), as positions are in transformers.
func waves(levels []float64, d int) []float32 {
	out := make([]float32, 0, len(levels)*d)
	half := d / 2
	for _, v := range levels {
		row := make([]float32, d)
		for k := range half {
			a := v * math.Pow(10000, -float64(k)/float64(half))
			row[k], row[half+k] = float32(math.Cos(a)), float32(math.Sin(a))
		}
		out = append(out, row...)
	}
	return out
}
