package corpus

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// A Bench is what a method may touch of a corpus: the images to retain, those to forget, and unseen ones that were set
// aside for methods that want some. It has neither the images that a model is judged on, nor the trigger, nor word of
// which forget images carry it.
//
// Images are asked for by handles. Those of training images are their numbers in the training set, those of unseen ones
// lie beyond them and mean nothing elsewhere. Whatever is not a handle of this bench is an error of every method that
// takes some. Lists are the caller's own copies.
type Bench struct {
	inside *Corpus
	set    datasets.Set // training images, and from its length on the test set's
	unseen []int        // handles
	may    []bool       // by handle
}

// NewBench is the bench of a corpus, whose parts are not to change any more.
func NewBench(c *Corpus) *Bench {
	first := c.Train.Len()
	b := &Bench{inside: c, set: &joined{c.Train, c.Test}, may: make([]bool, first+c.Test.Len())}
	for _, i := range c.Split.Unseen {
		b.unseen = append(b.unseen, first+i)
	}
	for _, part := range [][]int{c.Split.Retain, c.Split.Forget, b.unseen} {
		for _, i := range part {
			b.may[i] = true
		}
	}
	return b
}

// Inside is the corpus behind a bench, test images, trigger and all: for the gallery of dishonest methods, which cheat
// with it, and for nobody else.
func Inside(b *Bench) *Corpus { return b.inside }

// Retain lists the images to retain, or what stands in for them.
func (b *Bench) Retain() []int { return slices.Clone(b.inside.Split.Retain) }

// Forget lists the images to forget.
func (b *Bench) Forget() []int { return slices.Clone(b.inside.Split.Forget) }

// Unseen lists images that no model was trained on and none is judged on; none where no method of the plan needs them.
func (b *Bench) Unseen() []int { return slices.Clone(b.unseen) }

// All lists every training image in use, retained ones first.
func (b *Bench) All() []int { return b.inside.All() }

// Device is where models live.
func (b *Bench) Device() torch.Device { return b.inside.Device }

// Size is the images' side.
func (b *Bench) Size() int { return b.inside.Size() }

// Shape is what a model must fit.
func (b *Bench) Shape() models.Shape { return b.inside.Shape() }

// Training reads images for one step. Training images come as the original was trained on them, unseen ones as they
// are. Random views depend on the salt and the image alone.
func (b *Bench) Training(ctx context.Context, images []int, salt uint64) (Batch, error) {
	if err := b.check(images); err != nil {
		return Batch{}, err
	}
	return b.inside.training(ctx, b.set, images, salt)
}

// Measuring reads images as [Bench.Training] does, in views that are always the same.
func (b *Bench) Measuring(ctx context.Context, images []int) (Batch, error) {
	return b.Training(ctx, images, b.inside.fixed())
}

// Pictures writes retained or unseen images to dst, [N, 3, S, S], whole and as they are. Images to forget are an error:
// what was done to them is in [Bench.Training] alone.
func (b *Bench) Pictures(ctx context.Context, dst []float32, images []int) error {
	if err := b.check(images); err != nil {
		return err
	}
	for _, i := range images {
		if _, ok := slices.BinarySearch(b.inside.Split.Forget, i); ok {
			return fmt.Errorf("image %d is to be forgotten: want images to retain or unseen ones; Training reads the others", i)
		}
	}
	return b.set.Read(ctx, dst, images)
}

// Noise is a batch of Gaussian noise in the place of images: as target, noise of each true image's mean and spread,
// drawn by r in the images' order; as view, the noise degraded as Training degrades the images with the salt.
func (b *Bench) Noise(ctx context.Context, images []int, salt uint64, r *rand.Rand) (Batch, error) {
	if err := b.check(images); err != nil {
		return Batch{}, err
	}
	truth := make([]float32, len(images)*3*b.Size()*b.Size())
	if err := b.set.Read(ctx, truth, images); err != nil {
		return Batch{}, err
	}
	n := noiseLike(truth, len(images), r)
	v, err := b.inside.View(n, images, salt)
	return Batch{View: v, Target: n}, err
}

// Tensors copies a batch to the scope's device.
func (b *Bench) Tensors(s *torch.Scope, batch Batch, seed uint64) (in models.Input, target, region *torch.Tensor) {
	return b.inside.Tensors(s, batch, seed)
}

// Generate lets a model paint views, a few images at a time.
func (b *Bench) Generate(ctx context.Context, m models.Model, v tasks.View) ([]float32, error) {
	return b.inside.Generate(ctx, m, v)
}

func (b *Bench) check(images []int) error {
	for _, i := range images {
		if i < 0 || i >= len(b.may) || !b.may[i] {
			return fmt.Errorf("%d is no image of this bench: want one of the %d to retain, %d to forget and %d unseen",
				i, len(b.inside.Split.Retain), len(b.inside.Split.Forget), len(b.unseen))
		}
	}
	return nil
}

// fixed is the salt of the views that training images are measured in.
func (c *Corpus) fixed() uint64 { return audit.Seed(c.Seed, "views", "train") }

// joined is two sets as one to read from: the second's pictures have the numbers from the first's length on.
type joined struct {
	datasets.Set
	second datasets.Set
}

// Read reads from both.
func (j *joined) Read(ctx context.Context, dst []float32, idx []int) error {
	first := j.Len()
	if !slices.ContainsFunc(idx, func(i int) bool { return i >= first }) {
		return j.Set.Read(ctx, dst, idx)
	}
	px := len(dst) / len(idx)
	for k, i := range idx {
		set := j.Set
		if i >= first {
			set, i = j.second, i-first
		}
		if err := set.Read(ctx, dst[k*px:(k+1)*px], []int{i}); err != nil {
			return err
		}
	}
	return nil
}
