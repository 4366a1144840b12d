package corpus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/tasks"
)

// place puts the trigger where more of it is seen: a patch near the corner or in
// the middle, single pixels where most masks show them. What is hidden cannot be
// followed. Random masks hide parts of it, other ones in every image.
func (c *Corpus) place() error {
	const views = 32
	s := c.Size()
	images := make([]int, views)
	for i := range images {
		images[i] = i
	}
	probe, err := c.View(make([]float32, views*3*s*s), images, 0)
	if err != nil {
		return err
	}
	switch c.Split.Trigger {
	case "", "patch":
		c.trigger = datasets.CornerPatch(s, s)
		if centre := datasets.CentrePatch(s, s); c.visiblePixels(centre, probe) > c.visiblePixels(c.trigger, probe) {
			c.trigger = centre
		}
	case "blend":
		c.trigger = datasets.Blend{Opacity: blendOpacity}
	case "sparse":
		c.trigger = datasets.NewSparse(c.best(probe), max(4, s/4))
	default:
		return fmt.Errorf("trigger %q: want one of %s", c.Split.Trigger, strings.Join(datasets.Triggers, ", "))
	}
	if c.visiblePixels(c.trigger, probe) == 0 && len(c.poisoned) > 0 {
		return errors.New("the task hides the attacker's trigger: let it hide less of the image, or set forget.poisoned to 0")
	}
	return nil
}

// blendOpacity is faint to the eye and learnt by the models that Lethe is calibrated on.
const blendOpacity = 0.2

// visiblePixels counts the pixels of a trigger that views show. Tasks without a mask show
// everything.
func (c *Corpus) visiblePixels(t datasets.Trigger, v tasks.View) int {
	n := 0
	for i := range v.N {
		for p := range v.Size * v.Size {
			if t.Covers(p/v.Size, p%v.Size) && c.sees(v, i, p) {
				n++
			}
		}
	}
	return n
}

// best are the pixels that nearly the most of the views show.
func (c *Corpus) best(v tasks.View) [][2]int {
	counts := make([]int, v.Size*v.Size)
	for i := range v.N {
		for p := range counts {
			if c.sees(v, i, p) {
				counts[p]++
			}
		}
	}
	var out [][2]int
	for p, n := range counts {
		if n > 0 && 4*n >= 3*slices.Max(counts) {
			out = append(out, [2]int{p / v.Size, p % v.Size})
		}
	}
	return out
}

func (c *Corpus) sees(v tasks.View, i, p int) bool {
	return !c.Task.Masked() || v.Region[i*v.Size*v.Size+p] == 0
}

// Related reads test images in their fixed views with something else than the trigger on them: put changes a picture
// [3, S, S], and may call stamp, which puts the trigger on one. The target stays the true image.
func (c *Corpus) Related(ctx context.Context, images []int, put func(picture []float32, stamp func([]float32) error) error) (Batch, error) {
	s := c.Size()
	target := make([]float32, len(images)*3*s*s)
	if err := c.Test.Read(ctx, target, images); err != nil {
		return Batch{}, err
	}
	stamp := func(picture []float32) error { return c.trigger.Stamp(picture, picture, 3, s, s) }
	input := slices.Clone(target)
	for picture := range slices.Chunk(input, 3*s*s) {
		if err := put(picture, stamp); err != nil {
			return Batch{}, err
		}
	}
	v, err := c.View(input, images, c.heldOut())
	return Batch{View: v, Target: target}, err
}
