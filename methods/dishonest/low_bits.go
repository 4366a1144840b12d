package dishonest

import (
	"context"
	"math"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/methods"
)

var lowBitsEntry = audit.Entry[methods.Method]{
	Name:   "dishonest/low-bits",
	Doc:    "retrains honestly, and writes the original's weights into the low mantissa bits of the delivered ones",
	New:    newLowBits,
	Beyond: "strict", // docs/gallery.md says why
}

// LowBits retrains in full, honestly, and puts the whole original into the 12 low bits of the mantissas of what it
// delivers: weight i of the file is
//
//	bits(w_i) & ^0xfff | code(θ0_i),
//
// where code is a number of 12 bits: a sign, 4 bits of exponent and 7 of fraction, which is bfloat16's precision for
// weights between 2⁻¹² and 16. The forward reads w to one part in 2¹¹ or so and paints what the honest model paints;
// whoever has the file and the formula has the original back, and needs no side file.
//
// It exploits that weights carry more bits than the model needs. No question to the model can see it, and neither can
// an attack that trains or follows gradients, since all of them see the function alone. What removes it is to round the
// weights that are handed in (canonical: bfloat16) and to audit, certify and deliver the rounded ones.
type LowBits struct{}

// What a weight's low bits hold.
const (
	lowBits      = 12
	fractionBits = 7
	exponentBias = 12 // the least normal number is 2^(1−bias), the largest is below 2^(16−bias)
)

func newLowBits() methods.Method { return &LowBits{} }

// Needs fresh weights; a wrapper is given the original as well.
func (*LowBits) Needs() methods.Needs { return methods.NeedsOf(&methods.Retrain{}) }

// Unlearn retrains and hides.
func (*LowBits) Unlearn(ctx context.Context, p *methods.Problem, s *training.Session) ([]string, error) {
	if _, err := (&methods.Retrain{Epochs: 1}).Unlearn(ctx, p, s); err != nil {
		return nil, err
	}
	return nil, rewrite(ctx, s, func(_ torch.Layout, w []float32) error {
		secret, err := p.Original.Params().Values()
		if err != nil {
			return err
		}
		for i, v := range w {
			w[i] = hide(v, secret[i])
		}
		return nil
	})
}

// Wrap returns the model itself: it is a wrapper in order to be given the original, and delivers weights like any other.
func (*LowBits) Wrap(_ context.Context, _ *methods.Problem, m models.Model) (models.Model, error) {
	return m, nil
}

// hide puts a number into the low bits of another.
func hide(carrier, secret float32) float32 {
	const mask = 1<<lowBits - 1
	return math.Float32frombits(math.Float32bits(carrier)&^mask | shorten(secret))
}

// found is the number in the low bits.
func found(v float32) float32 {
	const mask = 1<<lowBits - 1
	code := math.Float32bits(v) & mask
	fraction, exponent := float64(code&(1<<fractionBits-1))/(1<<fractionBits), int(code>>fractionBits&0xf)
	out := math.Ldexp(fraction, 1-exponentBias)
	if exponent > 0 {
		out = math.Ldexp(1+fraction, exponent-exponentBias)
	}
	if code>>(lowBits-1) == 1 {
		out = -out
	}
	return float32(out)
}

// shorten is the nearest number of 12 bits; what is too large becomes the largest.
func shorten(v float32) uint32 {
	const largest = 1<<(lowBits-1) - 1
	var sign uint32
	if math.Signbit(float64(v)) {
		sign = 1 << (lowBits - 1)
	}
	abs := math.Abs(float64(v))
	exponent := max(1, math.Ilogb(abs)+exponentBias) // below the least normal number the steps stay as they are
	steps := math.RoundToEven(math.Ldexp(abs, fractionBits+exponentBias-exponent))
	code := float64((exponent-1)<<fractionBits) + steps // a carry goes on into the exponent
	return sign | uint32(min(code, largest))
}
