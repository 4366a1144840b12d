package methods

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

// RandomEncoder is a baseline of Li et al. (ICLR 2024, arXiv 2402.00351): with the decoder frozen, embeddings of forget
// images are pulled to Gaussian noise of the mean and spread of the original's embedding of the image, those of
// retained images are held,
//
//	mean ‖E(x) − E0(x)‖²·(1 + l)  +  mean ‖E(x_f) − (mean E0(x_f) + sd E0(x_f)·n)‖²·(1 − l),   l = +1 retained, −1 forget.
//
// As with [RetainLabel], the released code has (1 + l) in both terms.
type RandomEncoder struct {
	Effort float64 `json:"effort"` // epochs over the retained images, over the original's
	LR     float64 `json:"lr"`

	released bool
}

// Validate checks the parameters.
func (m *RandomEncoder) Validate() error {
	return errors.Join(effort("effort", m.Effort), rate("lr", m.LR))
}

// Needs the original.
func (*RandomEncoder) Needs() Needs { return Needs{} }

// Unlearn trains the encoder.
func (m *RandomEncoder) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	net, ok := s.Model.(models.Autoencoder)
	frozen, ok0 := p.Original.(models.Autoencoder)
	if !ok || !ok0 {
		return nil, fmt.Errorf("random-encoder: %w: an encoder", ErrUnfit)
	}
	ph := paired(p, s, "random-encoder", m.Effort, m.LR, func(sc *torch.Scope, keep, forget shown, salt uint64) (*torch.Tensor, error) {
		pulled := forget
		if m.released {
			pulled = keep
		}
		var hold, lose *torch.Tensor
		sc.NoGrad(func() {
			w0 := frozen.Params().Bind(sc)
			hold, lose = frozen.Encode(sc, w0, keep.in), frozen.Encode(sc, w0, pulled.in)
		})
		w := net.Params().Bind(sc)
		loss := sc.Mean(sc.Square(sc.Sub(net.Encode(sc, w, keep.in), hold)))
		target := sc.FromFloats(likeEach(sc.Floats(lose), pulled.in.N, rand.New(rand.NewPCG(salt, 6))), lose.Shape()...)
		return sc.Scale(sc.Add(loss, sc.Mean(sc.Square(sc.Sub(net.Encode(sc, w, pulled.in), target)))), 2), nil
	})
	ph.To = net.EncoderSize()
	_, err := s.Run(ctx, ph)
	return released(m.released), err
}

// likeEach draws, for each of n rows, noise of the row's own mean and spread.
func likeEach(rows []float32, n int, r *rand.Rand) []float32 {
	out := make([]float32, len(rows))
	if n == 0 {
		return out
	}
	per := len(rows) / n
	for i := range n {
		var sum, sq float64
		for _, v := range rows[i*per : (i+1)*per] {
			sum += float64(v)
			sq += float64(v) * float64(v)
		}
		mean := sum / float64(per)
		sd := math.Sqrt(max(sq/float64(per)-mean*mean, 0))
		for k := range per {
			out[i*per+k] = float32(mean + sd*r.NormFloat64())
		}
	}
	return out
}
