package corpus

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/models"
)

// Drawn is how many random pictures of each sort [Apart] asks with.
const Drawn = 128

// A Gap is how far two models' paintings are apart on inputs of one sort.
type Gap struct {
	Inputs  string // "images to forget"
	Images  int
	Largest float64 // the largest difference of any value of any pixel, of a range of 2; infinite where one paints NaN
}

// Apart asks two models the same and compares all that they paint, in the hole and around it: on all images to forget
// and all test images, as they are measured; on test images with the trigger where some images were poisoned; on up to
// [Displaced] images to retain; and on random pictures, drawn from the corpus's seed: uniform noise, and images to
// retain that are blended with noise, from hardly at all to nearly all, under views of their own. It tells how far
// apart the paintings are. The models are shown test images: it is for those that no method made (a file and its family), and
// for nobody else.
//
// Two forwards that agree here may differ on an input that nobody thinks of: it is a test on inputs, not a proof.
func Apart(ctx context.Context, b *Bench, one, other models.Model) ([]Gap, error) {
	c := b.inside
	retain := Spread(b.Retain(), Displaced)
	asked := []sort{
		{"images to forget", c.Split.Forget, c.Measuring},
		{"test images", c.Split.Test, func(ctx context.Context, i []int) (Batch, error) { return c.HeldOut(ctx, i, false) }},
		{"images to retain", retain, c.Measuring},
	}
	if len(c.poisoned) > 0 {
		asked = append(asked, sort{"test images with the trigger", c.Split.Test,
			func(ctx context.Context, i []int) (Batch, error) { return c.HeldOut(ctx, i, true) }})
	}
	asked = append(asked, sort{"random pictures", Places(2 * Drawn),
		func(ctx context.Context, i []int) (Batch, error) { return c.random(ctx, i, retain) }})
	var out []Gap
	for _, k := range asked {
		g := Gap{Inputs: k.name, Images: len(k.images)}
		for part := range slices.Chunk(k.images, Displaced) {
			batch, err := k.read(ctx, part)
			if err != nil {
				return nil, fmt.Errorf("compare two forwards on %s: %w", k.name, err)
			}
			p, err := c.Generate(ctx, one, batch.View)
			if err != nil {
				return nil, fmt.Errorf("compare two forwards on %s: the first: %w", k.name, err)
			}
			q, err := c.Generate(ctx, other, batch.View)
			if err != nil {
				return nil, fmt.Errorf("compare two forwards on %s: the second: %w", k.name, err)
			}
			g.Largest = max(g.Largest, largest(p, q))
		}
		out = append(out, g)
	}
	return out, nil
}

// A sort of inputs, and how they are read.
type sort struct {
	name   string
	images []int
	read   func(context.Context, []int) (Batch, error)
}

// random is noise, then images blended with noise, half of the places each, degraded in views of their own.
func (c *Corpus) random(ctx context.Context, places, images []int) (Batch, error) {
	seed := audit.Seed(c.Seed, "two forwards")
	r := rand.New(rand.NewPCG(seed, 1))
	px := 3 * c.Size() * c.Size()
	pixels := make([]float32, len(places)*px)
	for i := range pixels {
		pixels[i] = float32(2*r.Float64() - 1)
	}
	picture := make([]float32, px)
	half := len(places) / 2
	for k := half; k < len(places) && len(images) > 0; k++ {
		if err := c.Train.Read(ctx, picture, []int{images[r.IntN(len(images))]}); err != nil {
			return Batch{}, err
		}
		share := (float32(k-half) + 0.5) / float32(half) // of noise
		blend := pixels[k*px:][:px]
		for i := range blend {
			blend[i] = share*blend[i] + (1-share)*picture[i]
		}
	}
	v, err := c.View(pixels, places, seed)
	return Batch{View: v, Target: pixels}, err
}

func largest(p, q []float32) (out float64) {
	for i := range p {
		d := math.Abs(float64(p[i]) - float64(q[i]))
		if math.IsNaN(d) {
			return math.Inf(1)
		}
		out = max(out, d)
	}
	return out
}
