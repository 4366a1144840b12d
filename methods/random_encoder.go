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

var randomEncoderDescribedEntry = audit.Entry[Method]{
	Name: "random-encoder-as-described",
	Doc:  "pull the embeddings of forget images to noise (baseline of Li et al., ICLR 2024)",
	New:  func() Method { return &RandomEncoder{Effort: 1.0 / 3, LR: 1e-3} },
}

var randomEncoderReleasedEntry = audit.Entry[Method]{
	Name: "random-encoder-as-released",
	Doc:  "the same as its published code does it: forget images have no weight",
	New:  func() Method { return &RandomEncoder{Effort: 1.0 / 3, LR: 1e-3, released: true} },
}

// RandomEncoder is a baseline of Li et al. (ICLR 2024, arXiv 2402.00351): with the decoder frozen, embeddings of forget
// images are pulled to Gaussian noise of the mean and spread of the original's embedding of the image, those of
// retained images are held,
//
//	mean ‖E(x) − E0(x)‖²·(1 + l)  +  mean ‖E(x_f) − (mean E0(x_f) + sd E0(x_f)·n)‖²·(1 − l),   l = +1 retained, −1 forget.
//
// summed over the encoder's outputs, where it has several. As with [RetainLabel], the released code has (1 + l) in both
// terms.
type RandomEncoder struct {
	Effort float64 `json:"effort"` // epochs over the retained images, over the original's
	LR     float64 `json:"lr"`

	released bool
}

// Validate checks the parameters.
func (m *RandomEncoder) Validate() error {
	return errors.Join(effort("effort", m.Effort), rate("lr", m.LR))
}

// Unlearn trains the encoder.
func (m *RandomEncoder) Unlearn(ctx context.Context, p *Problem, s *training.Session) ([]string, error) {
	net, ok := models.EmbedderOf(s.Model)
	frozen, ok0 := models.EmbedderOf(p.Original)
	if !ok || !ok0 {
		return nil, fmt.Errorf("random-encoder: %w: an encoder", ErrUnfit)
	}
	ph := besideForget(ctx, p, s, "random-encoder", m.Effort, m.LR,
		func(sc *torch.Scope, keep, forget onDevice, salt uint64) (*torch.Tensor, error) {
			pulled := forget
			if m.released {
				pulled = keep
			}
			hold, lose := embedded(sc, frozen, keep), embedded(sc, frozen, pulled)
			r := rand.New(rand.NewPCG(salt, 6))
			for k, z := range lose {
				lose[k] = sc.FromFloats(likeEach(sc.Floats(z), pulled.in.N, r), z.Shape()...)
			}
			w := net.Params().Bind(sc)
			held, pull := net.Embed(sc, w, keep.in, keep.target), net.Embed(sc, w, pulled.in, pulled.target)
			return sc.Scale(sc.Add(squaredDistance(sc, held, hold), squaredDistance(sc, pull, lose)), 2), nil
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
