package methods

import (
	"math/rand/v2"
	"strconv"

	"github.com/lethe-audit/lethe/audit"
)

// noise is the generator of one draw of (ε, δ) noise: of the plan's secret, or,
// where it names none, of the seed, which everybody has who has the plan.
func (p *Problem) noise(purpose string, seed, step uint64) *rand.Rand {
	if p.Secret == nil {
		return rand.New(rand.NewPCG(seed, step))
	}
	return p.Secret.Noise(purpose, strconv.FormatUint(step, 10))
}

// What a guarantee rests on where its noise is drawn.
var (
	seedIsSecret = audit.Assumption{Text: "the noise is drawn from the plan's seed, which stays secret, and with it plan " +
		"and report: whoever knows the seed and the method can take the noise off again; a `secret` in the plan mends this"}

	noiseIsSecret = audit.Assumption{Holds: true, Text: "the noise is drawn from a secret that the plan only commits to: ChaCha8, " +
		"a generator whose output cannot be told from random without the key (Bernstein 2008); who holds the secret can take the noise off"}

	noiseIsNormal = audit.Assumption{Text: "the noise is the ideal Gaussian's: it is drawn by a ziggurat of 32-bit steps " +
		"and added in float32, whose gaps and rounding can tell what exact noise would hide (Mironov 2012)"}
)

// underNoise is what a guarantee rests on where its noise is drawn, with a secret or without.
func underNoise(secret bool) []audit.Assumption {
	if secret {
		return []audit.Assumption{noiseIsSecret, noiseIsNormal}
	}
	return []audit.Assumption{seedIsSecret, noiseIsNormal}
}

// spelled are assumptions as notes of a report.
func spelled(assumptions []audit.Assumption) []string {
	var out []string
	for _, a := range assumptions {
		if a.Holds {
			out = append(out, "holds by construction: "+a.Text)
		} else {
			out = append(out, "assumption: "+a.Text)
		}
	}
	return out
}
