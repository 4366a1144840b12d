package methods

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

var noiseMatchingEntry = audit.Entry[Method]{
	Name: "noise-matching",
	Doc:  "pull the embeddings of forget images to those of noise, hold the others (Li et al., ICLR 2024)",
	New:  func() Method { return newNoiseMatching() },
}

// NoiseMatching is the image-to-image unlearning of Li et al. (ICLR 2024): with
// the decoder frozen, the encoder E is trained from the original's E0 to lower
//
//	αF·mean‖E(τ(x)) − E0(τ(n))‖² over forget x  +  αR·mean‖E(τ(x)) − E0(τ(x))‖² over retained x,
//
// where n is Gaussian noise with x's mean and standard deviation, clipped to the
// pixels' range, degraded with the same mask. Where the encoder has several outputs, as a U-Net's, the distances of all
// are added up. (For diffusion, the released code keeps the image where it is visible, and puts noise in the hole alone.)
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

// Unlearn trains the encoder.
func (m *NoiseMatching) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	net, ok := models.EmbedderOf(s.Model)
	frozen, ok0 := models.EmbedderOf(p.Original)
	if !ok || !ok0 {
		return nil, fmt.Errorf("noise-matching: %w: an encoder", ErrUnfit)
	}
	seed := audit.Seed(p.Seed, "noise-matching")
	lost, half := p.Bench.Forget(), max(1, p.Train.Batch/2)
	retain := training.Shuffled(p.Bench.Retain(), p.Train.Batch, seed)
	ph := training.Phase{
		Name: "noise-matching", Epochs: epochs(p, m.Effort), LR: m.LR, Seed: seed,
		Batches: retain, To: net.EncoderSize(), Besides: min(half, len(lost)),
		Loss: func(sc *torch.Scope, images []int, salt uint64) (*torch.Tensor, error) {
			r := rand.New(rand.NewPCG(salt, 2))
			forget := make([]int, min(half, len(lost)))
			for i := range forget {
				forget[i] = lost[r.IntN(len(lost))]
			}
			f, err := toDevice(ctx, sc, p.Bench, forget, salt)
			if err != nil {
				return nil, err
			}
			b, err := toDevice(ctx, sc, p.Bench, images, salt)
			if err != nil {
				return nil, err
			}
			n, err := noiseFor(ctx, sc, p.Bench, f, salt, r)
			if err != nil {
				return nil, err
			}
			toNoise, hold := embedded(sc, frozen, n), embedded(sc, frozen, b)
			w := net.Params().Bind(sc)
			lf := squaredDistance(sc, net.Embed(sc, w, f.in, f.target), toNoise)
			lr := squaredDistance(sc, net.Embed(sc, w, b.in, b.target), hold)
			return sc.Add(sc.Scale(lf, m.AlphaForget), sc.Scale(lr, m.AlphaRetain)), nil
		},
	}
	_, err := s.Run(ctx, ph)
	return nil, err
}

// noiseFor shows Gaussian noise like forget images in their place.
func noiseFor(ctx context.Context, s *torch.Scope, bench *corpus.Bench, f onDevice, salt uint64, r *rand.Rand) (onDevice, error) {
	b, err := bench.Noise(context.WithoutCancel(ctx), f.images, salt, r) // an epoch that was begun is not lost
	if err != nil {
		return onDevice{}, err
	}
	n := onDevice{images: f.images, batch: b}
	n.in, n.target, n.region = bench.Tensors(s, b, salt)
	return n, nil
}

// embedded is what a frozen encoder makes of what it is shown.
func embedded(s *torch.Scope, m models.Embedder, v onDevice) (out []*torch.Tensor) {
	s.NoGrad(func() { out = m.Embed(s, m.Params().Bind(s), v.in, v.target) })
	return out
}

// squaredDistance is the mean squared distance of embeddings, summed over the encoder's outputs.
func squaredDistance(s *torch.Scope, a, b []*torch.Tensor) *torch.Tensor {
	if len(a) != len(b) || s.Err() != nil {
		return s.Zeros()
	}
	var sum *torch.Tensor
	for k := range a {
		d := s.Mean(s.Square(s.Sub(a[k], b[k])))
		if sum == nil {
			sum = d
		} else {
			sum = s.Add(sum, d)
		}
	}
	return sum
}
