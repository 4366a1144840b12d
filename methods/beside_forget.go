package methods

import (
	"context"
	"math/rand/v2"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
)

// onDevice is a batch on the device that its model lives on, as the model is shown it.
type onDevice struct {
	images         []int
	batch          corpus.Batch
	in             models.Input
	target, region *torch.Tensor
}

// toDevice reads images and copies them to where the model lives.
func toDevice(ctx context.Context, s *torch.Scope, bench *corpus.Bench, images []int, salt uint64) (onDevice, error) {
	b, err := bench.Training(context.WithoutCancel(ctx), images, salt) // an epoch that was begun is not lost
	if err != nil {
		return onDevice{}, err
	}
	in, target, region := bench.Tensors(s, b, salt)
	return onDevice{images, b, in, target, region}, nil
}

// loss is the model's mean training loss on what it is shown.
func (v onDevice) loss(s *torch.Scope, m models.Model) *torch.Tensor {
	return s.Mean(m.Loss(s, v.in, v.target, v.region))
}

// paintedBy is what a frozen model paints.
func (v onDevice) paintedBy(s *torch.Scope, m models.Model) (out *torch.Tensor) {
	s.NoGrad(func() { out = m.Generate(s, v.in) })
	return out
}

// distance is the mean squared distance of a model's paintings from others, over the region.
func (v onDevice) distance(s *torch.Scope, m models.Model, others *torch.Tensor) *torch.Tensor {
	return s.Mean(models.RegionError(s, m.Generate(s, v.in), others, v.region))
}

// besideForget is a phase over the retained images in which every step draws forget images besides, half a batch.
func besideForget(ctx context.Context, p *Problem, s *training.Session, name string, effort, lr float64,
	loss func(sc *torch.Scope, keep, forget onDevice, salt uint64) (*torch.Tensor, error)) training.Phase {
	lost := p.Bench.Forget()
	n := min(max(1, p.Train.Batch/2), len(lost))
	ph := trainingPhase(ctx, p, s, name, p.Bench.Retain(), epochs(p, effort), lr)
	ph.Besides = n
	ph.Loss = func(sc *torch.Scope, images []int, salt uint64) (*torch.Tensor, error) {
		keep, err := toDevice(ctx, sc, p.Bench, images, salt)
		if err != nil {
			return nil, err
		}
		forget, err := toDevice(ctx, sc, p.Bench, chooseImages(lost, n, salt), salt)
		if err != nil {
			return nil, err
		}
		return loss(sc, keep, forget, salt)
	}
	return ph
}

// chooseImages takes n different images, in their order.
func chooseImages(from []int, n int, salt uint64) []int {
	at := rand.New(rand.NewPCG(salt, 2)).Perm(len(from))[:n]
	slices.Sort(at)
	out := make([]int, n)
	for k, i := range at {
		out[k] = from[i]
	}
	return out
}

// toNoise changes targets to Gaussian noise, one for each image and seed.
func toNoise(s *torch.Scope, v onDevice, p *Problem) onDevice {
	px := 3 * v.batch.View.Size * v.batch.View.Size
	target := make([]float32, len(v.batch.Target))
	seed := audit.Seed(p.Seed, "noise targets")
	for k, i := range v.images {
		corpus.Gaussian(target[k*px:(k+1)*px], 0, 1, rand.New(rand.NewPCG(seed, uint64(i))))
	}
	size := int64(v.batch.View.Size)
	v.target = s.FromFloats(target, int64(len(v.images)), 3, size, size)
	return v
}
