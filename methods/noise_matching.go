package methods

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

// NoiseMatching is the image-to-image unlearning of Li et al. (ICLR 2024): with
// the decoder frozen, the encoder E is trained from the original's E0 to lower
//
//	αF·mean‖E(τ(x)) − E0(τ(n))‖² over forget x  +  αR·mean‖E(τ(x)) − E0(τ(x))‖² over retained x,
//
// where n is Gaussian noise with x's mean and standard deviation, clipped to the
// pixels' range, degraded with the same mask.
type NoiseMatching struct {
	Effort      float64 `json:"effort"` // epochs over the retained images, over the original's
	LR          float64 `json:"lr"`
	AlphaForget float64 `json:"alphaForget"`
	AlphaRetain float64 `json:"alphaRetain"`
}

func newNoiseMatching() *NoiseMatching {
	return &NoiseMatching{Effort: 1.0 / 3, LR: 1e-3, AlphaForget: 1, AlphaRetain: 1}
}

// Validate checks the parameters.
func (m *NoiseMatching) Validate() error {
	var weights error
	if m.AlphaForget <= 0 || m.AlphaRetain < 0 {
		weights = fmt.Errorf("alphaForget %v must be positive and alphaRetain %v not negative", m.AlphaForget, m.AlphaRetain)
	}
	return errors.Join(effort("effort", m.Effort), rate("lr", m.LR), weights)
}

// Needs the original.
func (*NoiseMatching) Needs() Needs { return Needs{} }

// Unlearn trains the encoder.
func (m *NoiseMatching) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	net, ok := s.Model.(models.Autoencoder)
	frozen, ok0 := p.Original.(models.Autoencoder)
	if !ok || !ok0 {
		return nil, fmt.Errorf("noise-matching: %w: an encoder", ErrUnfit)
	}
	c, seed := p.Corpus, audit.Seed(p.Seed, "noise-matching")
	half := max(1, p.Train.Batch/2)
	retain := training.Shuffled(c.Split.Retain, p.Train.Batch, seed)
	ph := training.Phase{
		Name: "noise-matching", Epochs: epochs(p, m.Effort), LR: m.LR, Seed: seed,
		Batches: retain, To: net.EncoderSize(), Besides: min(half, len(c.Split.Forget)),
		Loss: func(sc *torch.Scope, images []int, salt uint64) (*torch.Tensor, error) {
			r := rand.New(rand.NewPCG(salt, 2))
			forget := make([]int, min(half, len(c.Split.Forget)))
			for i := range forget {
				forget[i] = c.Split.Forget[r.IntN(len(c.Split.Forget))]
			}
			f, err := c.Training(ctx, forget, salt)
			if err != nil {
				return nil, err
			}
			b, err := c.Training(ctx, images, salt)
			if err != nil {
				return nil, err
			}
			truth := make([]float32, len(f.Target)) // a poisoned image's target is the attacker's
			if err := c.Train.Read(ctx, truth, forget); err != nil {
				return nil, err
			}
			n := f
			if n.View, err = c.View(noiseLike(truth, f.View.N, r), forget, salt); err != nil {
				return nil, err
			}
			fin, _, _ := c.Tensors(sc, f, salt)
			rin, _, _ := c.Tensors(sc, b, salt)
			nin, _, _ := c.Tensors(sc, n, salt)
			var toNoise, hold *torch.Tensor
			sc.NoGrad(func() {
				w0 := frozen.Params().Bind(sc)
				toNoise, hold = frozen.Encode(sc, w0, nin), frozen.Encode(sc, w0, rin)
			})
			w := net.Params().Bind(sc)
			lf := sc.Mean(sc.Square(sc.Sub(net.Encode(sc, w, fin), toNoise)))
			lr := sc.Mean(sc.Square(sc.Sub(net.Encode(sc, w, rin), hold)))
			return sc.Add(sc.Scale(lf, m.AlphaForget), sc.Scale(lr, m.AlphaRetain)), nil
		},
	}
	_, err := s.Run(ctx, ph)
	return nil, err
}

// noiseLike draws, for each of n images, noise with the image's own mean and
// spread.
func noiseLike(images []float32, n int, r *rand.Rand) []float32 {
	out := make([]float32, len(images))
	px := len(images) / n
	for i := range n {
		var sum, sq float64
		for _, v := range images[i*px : (i+1)*px] {
			sum += float64(v)
			sq += float64(v) * float64(v)
		}
		mean := sum / float64(px)
		noise(out[i*px:(i+1)*px], mean, math.Sqrt(max(sq/float64(px)-mean*mean, 0)), r)
	}
	return out
}
