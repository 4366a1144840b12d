package attacks

import (
	"context"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

var inversionEntry = audit.Entry[Attack]{
	Name:   "inversion",
	Doc:    "does the decoder reach forget images better than test images from some embedding? gradient steps on the embedding",
	New:    func() Attack { return newInversion() },
	Leaves: []audit.Quantity{criteria.InvertedError},
}

// Inversion asks what the decoder alone still holds: for every image it looks for an embedding z from which the
// true image is painted inside the region,
//
//	min over z of error(decode(z), truth), by Steps of Adam,
//
// from the mean embedding of the test images, or from the image's own. After the latent inversion of erased generators
// (arXiv 2412.00782): a model that only lost the way to an image still has it. A decoder that memorised forget images
// reaches them better than unseen ones; what it reaches of any image is the test images' to tell.
//
// From the mean, an encoder that was spoilt for forget images alone changes nothing: every image starts at the same place.
// From its own embedding an image also brings along what the encoder knows. That makes gaps larger, and those between
// retrained models larger still.
//
// An image's value is the least mean squared error over the region on the way, the start included. A small one says
// that the decoder has the image; the criterion inversion compares it with retrained models.
type Inversion struct {
	silent
	Steps int     `json:"steps"` // of Adam
	LR    float64 `json:"lr"`    // of Adam
	Start string  `json:"start"` // mean: the test images' mean embedding; own: the embedding of the image's view
}

func newInversion() *Inversion { return &Inversion{Steps: 20, LR: 0.1, Start: "own"} }

// Validate checks the parameters.
func (a *Inversion) Validate() error {
	if a.Steps < 1 || !(a.LR > 0 && a.LR <= 10) {
		return fmt.Errorf("steps %d and lr %v: want at least 1 step, and a rate above 0, at most 10", a.Steps, a.LR)
	}
	if a.Start != "own" && a.Start != "mean" {
		return fmt.Errorf("start %q: want own or mean", a.Start)
	}
	return nil
}

// Measure returns the least errors of forget and test images. It needs gradients, and a model with an encoder and a
// decoder: ErrBlackBox and ErrUnfit without.
func (a *Inversion) Measure(ctx context.Context, t *Target) ([]audit.Sample, error) {
	m, err := t.Open()
	if err != nil {
		return nil, err
	}
	defer m.Params().Free()
	ae, ok := m.(models.Autoencoder)
	if !ok {
		return nil, ErrUnfit
	}
	var mean []float32
	if a.Start == "mean" {
		b, err := t.Batch("inversion", audit.Test)
		if err != nil {
			return nil, err
		}
		if mean, err = meanEmbedding(ctx, t.Corpus, ae, b); err != nil {
			return nil, err
		}
	}
	how := fmt.Sprintf("start=%s steps=%d lr=%g", a.Start, a.Steps, a.LR)
	return t.ForgetAndTest("inversion", criteria.InvertedError, "", how, func(_ audit.Part, b corpus.Batch) ([]float64, error) {
		return inBatches(b, func(b corpus.Batch) ([]float64, error) { return a.reach(ctx, t.Corpus, ae, b, mean) })
	})
}

// reach optimises a batch's embeddings. Adam steps every number by itself, so the images do not know of each other.
func (a *Inversion) reach(ctx context.Context, c *corpus.Corpus, m models.Autoencoder, b corpus.Batch, mean []float32) ([]float64, error) {
	shape, start, err := embeddings(c, m, b)
	if err != nil {
		return nil, err
	}
	if mean != nil {
		for i := range start {
			start[i] = mean[i%len(mean)]
		}
	}
	var l torch.Layout
	l.Add("z", torch.Init{}, shape...)
	z, err := torch.ParamsOf(c.Device, l, start)
	if err != nil {
		return nil, err
	}
	defer z.Free()
	opt, err := torch.NewAdam(z, 0, len(start))
	if err != nil {
		return nil, err
	}
	defer opt.Free()
	var best least
	for k := range a.Steps + 1 {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		err := torch.With(c.Device, func(s *torch.Scope) error {
			in, target, region := c.Tensors(s, b, audit.Seed(c.Seed, "generate"))
			w := m.Params().Bind(s)
			for name := range w {
				w[name] = s.Detach(w[name])
			}
			e := models.RegionError(s, m.Decode(s, w, in, z.Bind(s)["z"]), target, region)
			values := s.Floats(s.Detach(e))
			if k < a.Steps {
				opt.Step(s, s.Gradient(s.Sum(e), z.Flat()), a.LR)
			}
			if s.Err() != nil {
				return nil
			}
			return best.take(values)
		})
		if err != nil {
			return nil, err
		}
	}
	return best, nil
}

// embeddings are the encoder's answer to a batch.
func embeddings(c *corpus.Corpus, m models.Autoencoder, b corpus.Batch) (shape []int64, z []float32, err error) {
	err = torch.With(c.Device, func(s *torch.Scope) error {
		s.NoGrad(func() {
			in, _, _ := c.Tensors(s, b, audit.Seed(c.Seed, "generate"))
			t := m.Encode(s, m.Params().Bind(s), in)
			shape, z = t.Shape(), s.Floats(t)
		})
		return nil
	})
	return shape, z, err
}

// meanEmbedding averages what the encoder makes of images.
func meanEmbedding(ctx context.Context, c *corpus.Corpus, m models.Autoencoder, b corpus.Batch) ([]float32, error) {
	var sum []float64
	_, err := inBatches(b, func(b corpus.Batch) ([]float64, error) {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		_, z, err := embeddings(c, m, b)
		if err != nil {
			return nil, err
		}
		if sum == nil {
			sum = make([]float64, len(z)/b.View.N)
		}
		for i, x := range z {
			sum[i%len(sum)] += float64(x)
		}
		return nil, nil
	})
	mean := make([]float32, len(sum))
	for i, x := range sum {
		mean[i] = float32(x / float64(b.View.N))
	}
	return mean, err
}
