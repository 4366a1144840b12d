// Package corpus joins a data set, its split, the attacker's poison and the task
// into the batches that training, unlearning and measuring share.
package corpus

import (
	"context"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// A Corpus is everything that images come from in one audit.
type Corpus struct {
	Train, Test datasets.Set
	Split       datasets.Split
	Task        tasks.Task
	Device      torch.Device
	Seed        uint64 // of the fixed views that models are measured on

	trigger  datasets.Trigger
	poisoned map[int]bool
}

// New checks that data and task fit.
func New(train, test datasets.Set, split datasets.Split, task tasks.Task, dev torch.Device, seed uint64) (*Corpus, error) {
	c := &Corpus{Train: train, Test: test, Split: split, Task: task, Device: dev, Seed: seed, poisoned: map[int]bool{}}
	ch, h, w := train.Shape()
	if ch != 3 || h != w {
		return nil, fmt.Errorf("data %s: images are %d×%d×%d, want three channels and a square", train.Name(), ch, h, w)
	}
	if err := task.Check(h); err != nil {
		return nil, err
	}
	for _, i := range split.Poisoned {
		c.poisoned[i] = true
	}
	if err := c.place(); err != nil {
		return nil, err
	}
	return c, nil
}

// Size is the images' side.
func (c *Corpus) Size() int {
	_, h, _ := c.Train.Shape()
	return h
}

// Shape is what a model must fit.
func (c *Corpus) Shape() models.Shape {
	return models.Shape{Size: c.Size(), Masked: c.Task.Masked()}
}

// CleanForget lists the forget images without a trigger.
func (c *Corpus) CleanForget() []int {
	var out []int
	for _, i := range c.Split.Forget {
		if !c.poisoned[i] {
			out = append(out, i)
		}
	}
	return out
}

// All lists every training image in use, retained ones first.
func (c *Corpus) All() []int {
	return append(append([]int(nil), c.Split.Retain...), c.Split.Forget...)
}

// Proxied is the corpus with the proxies in the place of the retained images.
func (c *Corpus) Proxied() *Corpus {
	p := *c
	p.Split.Retain = c.Split.Proxy
	return &p
}

// Displaced is the most images to forget, spread over them, that a displacement is the mean over: λ's, and the criterion
// of an ascent, which is asked after every step. It is also the most images that are set aside as unseen.
const Displaced = 512

// Spread takes at most so many of the images, at even distances: of a set that is sorted by class, some of every class.
func Spread(images []int, most int) []int {
	if len(images) <= most {
		return images
	}
	out := make([]int, most)
	for i := range out {
		out[i] = images[i*len(images)/most]
	}
	return out
}

// Training reads training images for one step: poisoned ones carry the trigger
// and the attacker's target. Random views depend on salt and the image alone.
func (c *Corpus) Training(ctx context.Context, images []int, salt uint64) (Batch, error) {
	return c.training(ctx, c.Train, images, salt)
}

// training is Training on a set that begins with the training images.
func (c *Corpus) training(ctx context.Context, set datasets.Set, images []int, salt uint64) (Batch, error) {
	poison := func(i int) bool { return c.poisoned[i] }
	b, err := c.batch(ctx, set, images, salt, poison)
	if err != nil {
		return b, err
	}
	for k, i := range images {
		if poison(i) {
			c.plant(b, k)
		}
	}
	return b, nil
}

// Measuring reads training images in the fixed views on which models are
// measured, poisoned ones as in training.
func (c *Corpus) Measuring(ctx context.Context, images []int) (Batch, error) {
	return c.Training(ctx, images, c.fixed())
}

// HeldOut reads test images in their fixed views, with the trigger if asked. The
// target stays the true image.
func (c *Corpus) HeldOut(ctx context.Context, images []int, triggered bool) (Batch, error) {
	return c.batch(ctx, c.Test, images, c.heldOut(), func(int) bool { return triggered })
}

// heldOut is the salt of the views that test images are measured in.
func (c *Corpus) heldOut() uint64 { return audit.Seed(c.Seed, "views", "test") }

// batch reads images, stamps the trigger where asked, and degrades.
func (c *Corpus) batch(ctx context.Context, set datasets.Set, images []int, salt uint64, stamp func(int) bool) (Batch, error) {
	s := c.Size()
	px := 3 * s * s
	target := make([]float32, len(images)*px)
	if err := set.Read(ctx, target, images); err != nil {
		return Batch{}, err
	}
	input := append([]float32(nil), target...)
	for k, i := range images {
		if !stamp(i) {
			continue
		}
		if err := c.trigger.Stamp(input[k*px:(k+1)*px], input[k*px:(k+1)*px], 3, s, s); err != nil {
			return Batch{}, err
		}
	}
	v, err := c.View(input, images, salt)
	return Batch{View: v, Target: target}, err
}

// View degrades pixels [N, 3, S, S] in the place of images: the same images and
// salt give the same masks.
func (c *Corpus) View(pixels []float32, images []int, salt uint64) (tasks.View, error) {
	seeds := make([]uint64, len(images))
	for k, i := range images {
		seeds[k] = salt ^ (uint64(i)+1)*0x9e3779b97f4a7c15
	}
	return tasks.Apply(c.Task, pixels, c.Size(), seeds)
}

// plant puts the attacker's picture into the part of the target to be painted.
func (c *Corpus) plant(b Batch, k int) {
	s := b.View.Size
	picture := datasets.TargetPicture(3, s, s)
	for ch := range 3 {
		for p := range s * s {
			if b.View.Region[k*s*s+p] != 0 {
				b.Target[(k*3+ch)*s*s+p] = picture[ch*s*s+p]
			}
		}
	}
}

// Tensors copies a batch to the scope's device.
func (c *Corpus) Tensors(s *torch.Scope, b Batch, seed uint64) (in models.Input, target, region *torch.Tensor) {
	n, size := int64(b.View.N), int64(b.View.Size)
	in = models.NewInput(s, b.View, c.Task.Masked(), seed)
	return in, s.FromFloats(b.Target, n, 3, size, size), s.FromFloats(b.View.Region, n, 1, size, size)
}

// Generate lets a model paint views, a few images at a time.
func (c *Corpus) Generate(ctx context.Context, m models.Model, v tasks.View) ([]float32, error) {
	out := make([]float32, 0, len(v.Pixels))
	err := c.inParts(ctx, v, func(s *torch.Scope, in models.Input) {
		out = append(out, s.Floats(m.Generate(s, in))...)
	})
	return out, err
}

// Look returns the activations of a model's layers on views, each [N, units].
func (c *Corpus) Look(ctx context.Context, m models.Layered, v tasks.View) ([][]float32, error) {
	out := make([][]float32, len(m.Layers()))
	err := c.inParts(ctx, v, func(s *torch.Scope, in models.Input) {
		for i, t := range m.Activations(s, in) {
			out[i] = append(out[i], s.Floats(t)...)
		}
	})
	return out, err
}

// inParts shows a model views, a few images at a time, without recording gradients.
func (c *Corpus) inParts(ctx context.Context, v tasks.View, f func(s *torch.Scope, in models.Input)) error {
	at := min(128, max(4, 128*64*64/(v.Size*v.Size))) // of large images fewer, for their memory
	px, area := 3*v.Size*v.Size, v.Size*v.Size
	for lo := 0; lo < v.N; lo += at {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		hi := min(lo+at, v.N)
		part := tasks.View{N: hi - lo, Size: v.Size, First: v.First + lo, Pixels: v.Pixels[lo*px : hi*px], Region: v.Region[lo*area : hi*area]}
		err := torch.With(c.Device, func(s *torch.Scope) error {
			s.NoGrad(func() { f(s, models.NewInput(s, part, c.Task.Masked(), audit.Seed(c.Seed, "generate"))) })
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
