package training_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/families/autoencoder"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

const (
	side   = 16
	images = 5
	px     = 3 * side * side
)

// pictures are images enough for two batches of three and two.
func pictures() []float32 {
	x := make([]float32, images*px)
	for i := range x {
		x[i] = float32(i*37%101)/50 - 1
	}
	return x
}

// small is a fresh convolutional autoencoder of a few hundred weights.
func small(t testing.TB) models.Autoencoder {
	t.Helper()
	m, err := (&autoencoder.Family{Width: 2, Hidden: 4, Latent: 3}).New(torch.CPU, models.Shape{Size: side}, 11)
	require.NoError(t, err)
	t.Cleanup(m.Params().Free)
	a, ok := m.(models.Autoencoder)
	require.True(t, ok)
	return a
}

// reconstruct is the mean squared error of a batch, with the step's noise on it.
func reconstruct(m models.Model, all []float32) func(s *torch.Scope, batch []int, salt uint64) (*torch.Tensor, error) {
	return func(s *torch.Scope, batch []int, salt uint64) (*torch.Tensor, error) {
		n := int64(len(batch))
		var x []float32
		region := make([]float32, len(batch)*side*side)
		for i := range region {
			region[i] = 1
		}
		r := rand.New(rand.NewPCG(salt, 1))
		for _, i := range batch {
			x = append(x, all[i*px:(i+1)*px]...)
		}
		noisy := make([]float32, len(x))
		for i := range x {
			noisy[i] = x[i] + float32(r.NormFloat64())*0.1
		}
		in := models.Input{N: len(batch), Size: side, X: s.FromFloats(noisy, n, 3, side, side)}
		target := s.FromFloats(x, n, 3, side, side)
		return s.Mean(m.Loss(s, in, target, s.FromFloats(region, n, 1, side, side))), nil
	}
}

// A result is what must not depend on interruptions.
type result struct {
	Digest        audit.Digest
	Steps, Images int
	Curves        []audit.Curve
	Epochs        []int
	Seen          float64
}

// A course is training with everything that a method may do: phases of several
// stretches and optimisers, early stops, decisions, and changes of the weights.
type course struct {
	m    models.Autoencoder
	s    *training.Session
	tick func() error // called in every step and unit
}

func (c *course) run(ctx context.Context) (result, error) {
	var out result
	all := []int{0, 1, 2, 3, 4}
	data := pictures()
	size := c.m.Params().Layout().Size()
	loss := reconstruct(c.m, data)
	phase := func(name string, epochs int) training.Phase {
		return training.Phase{
			Name: name, Epochs: epochs, Batches: training.Shuffled(all, 3, audit.Seed(1, name)), Seed: audit.Seed(2, name), LR: 1e-2,
			Loss: func(s *torch.Scope, batch []int, salt uint64) (*torch.Tensor, error) {
				if err := c.tick(); err != nil {
					return nil, err
				}
				return loss(s, batch, salt)
			},
		}
	}
	run := func(ph training.Phase) error {
		n, err := c.s.Run(ctx, ph)
		out.Epochs = append(out.Epochs, n)
		return err
	}
	norm := func() (float64, error) {
		var v float64
		err := torch.With(torch.CPU, func(s *torch.Scope) error {
			v = s.Item(s.Dot(s.Detach(c.m.Params().Flat()), s.Detach(c.m.Params().Flat())))
			return nil
		})
		return v, err
	}

	whole := phase("whole", 3)
	whole.Cosine, whole.Clip = true, 0.05
	if err := run(whole); err != nil {
		return out, err
	}
	before, err := c.s.Value("norm before", norm)
	if err != nil {
		return out, err
	}
	encoder := phase("encoder", 2+int(before)%2)
	encoder.To = c.m.EncoderSize()
	asked := 0
	encoder.Stop = func() (bool, error) { asked++; n, err := norm(); c.s.Record("norm", n); return n != before, err }
	if err := run(encoder); err != nil {
		return out, err
	}
	if err := c.s.Unit(ctx, func() error {
		if err := c.tick(); err != nil {
			return err
		}
		v, err := c.m.Params().Values()
		if err != nil {
			return err
		}
		r := rand.New(rand.NewPCG(5, 5))
		for i := range v {
			v[i] += float32(r.NormFloat64()) * 0.01
		}
		return c.m.Params().Set(v)
	}); err != nil {
		return out, err
	}
	ascent := phase("ascent", 4)
	ascent.Step = func(s *torch.Scope, grad *torch.Tensor, lr float64) error {
		c.m.Params().Descend(s, grad, -lr)
		return nil
	}
	ascent.Stop = func() (bool, error) { n, err := norm(); return n > 1e9, err }
	if err := run(ascent); err != nil {
		return out, err
	}
	if out.Seen, err = c.s.Value("norm after", norm); err != nil {
		return out, err
	}
	c.s.Record("norm", out.Seen)
	for k := range 2 {
		decoder := phase(fmt.Sprintf("decoder %d", k), 1+k)
		decoder.From, decoder.To = c.m.EncoderSize(), size
		if err := run(decoder); err != nil {
			return out, err
		}
	}
	last, err := c.s.Value("last", norm)
	if err != nil {
		return out, err
	}
	c.s.Record("norm", last)
	cost := c.s.Cost()
	out.Steps, out.Images, out.Curves = cost.Steps, cost.Images, c.s.Curves()
	out.Digest, err = c.m.Params().Digest()
	return out, err
}
