package corpus

import (
	"context"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// aside is the little corpus with test images 1 and 4 set aside.
func aside(t testing.TB) *Corpus {
	t.Helper()
	s := split()
	s.Unseen = []int{1, 4}
	c, err := New(random(16, 32, 1), random(6, 32, 2), s, &tasks.RandomMask{Patch: 8, Ratio: 0.5}, torch.CPU, 7)
	require.NoError(t, err)
	return c
}

func TestBenchLists(t *testing.T) {
	c := aside(t)
	b := NewBench(c)
	assert.Equal(t, c.Split.Retain, b.Retain())
	assert.Equal(t, c.Split.Forget, b.Forget())
	assert.Equal(t, c.All(), b.All())
	assert.Equal(t, []int{17, 20}, b.Unseen(), "beyond the 16 training images")
	assert.Equal(t, []any{c.Size(), c.Shape(), c.Device}, []any{b.Size(), b.Shape(), b.Device()})
	for _, list := range []func() []int{b.Retain, b.Forget, b.Unseen, b.All} {
		got := list()
		want := append([]int(nil), got...)
		got[0] = -1
		assert.Equal(t, want, list(), "what a method does to a list stays with the method")
	}
	assert.Empty(t, NewBench(open(t, &tasks.Inpaint{Hole: 0.5}, 32)).Unseen())
}

// Training images come to the bit as the corpus has them.
func TestBenchReadsTrainingImages(t *testing.T) {
	c := aside(t)
	b := NewBench(c)
	want, err := c.Training(ctx, c.All(), 9)
	require.NoError(t, err)
	got, err := b.Training(ctx, b.All(), 9)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	want, err = c.Measuring(ctx, c.Split.Forget)
	require.NoError(t, err)
	got, err = b.Measuring(ctx, b.Forget())
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

// Unseen images come as they are, never with a trigger, alone and among training images, in views of their own.
func TestBenchReadsUnseenImages(t *testing.T) {
	c := aside(t)
	b := NewBench(c)
	images := []int{17, 4, 20, 0} // unseen, poisoned, unseen, retained
	got, err := b.Training(ctx, images, 5)
	require.NoError(t, err)
	assert.Equal(t, picture(t, c.Test, 1), part(got.Target, 0, 32))
	assert.Equal(t, picture(t, c.Test, 4), part(got.Target, 2, 32))
	assert.Zero(t, triggerSeen(c, got.View, 0))
	assert.Zero(t, triggerSeen(c, got.View, 2))
	alone, err := b.Training(ctx, []int{20}, 5)
	require.NoError(t, err)
	assert.Equal(t, part(got.View.Pixels, 2, 32), alone.View.Pixels, "views depend on the salt and the image alone")
	trained, err := c.Training(ctx, []int{4, 0}, 5)
	require.NoError(t, err)
	assert.Equal(t, part(trained.Target, 0, 32), part(got.Target, 1, 32))
	assert.Equal(t, part(trained.View.Pixels, 1, 32), part(got.View.Pixels, 3, 32))
	a, err := b.Measuring(ctx, b.Unseen())
	require.NoError(t, err)
	again, err := b.Measuring(ctx, b.Unseen())
	require.NoError(t, err)
	assert.Equal(t, a, again)
	for _, i := range c.Split.Unseen {
		judged, err := c.HeldOut(ctx, []int{i}, false)
		require.NoError(t, err)
		assert.NotEqual(t, judged.View.Region, a.View.Region[:32*32], "not in the views that test images are judged in")
	}
}

// asking asks a bench for images in every way that there is.
func asking(b *Bench) map[string]func(images []int) error {
	return map[string]func([]int) error{
		"Training":  func(images []int) error { _, err := b.Training(ctx, images, 1); return err },
		"Measuring": func(images []int) error { _, err := b.Measuring(ctx, images); return err },
		"Noise": func(images []int) error {
			_, err := b.Noise(ctx, images, 1, rand.New(rand.NewPCG(1, 1)))
			return err
		},
		"Pictures": func(images []int) error {
			return b.Pictures(ctx, make([]float32, len(images)*3*32*32), images)
		},
	}
}

// No number gets at a test image: what is none of the bench's handles is an error, wherever it stands.
func TestBenchRefusesOtherHandles(t *testing.T) {
	c := aside(t)
	b := NewBench(c)
	mine := map[int]bool{}
	for _, list := range [][]int{b.Retain(), b.Forget(), b.Unseen()} {
		for _, i := range list {
			mine[i] = true
		}
	}
	for _, i := range c.Split.Test {
		require.False(t, mine[c.Train.Len()+i], "test image %d", i)
	}
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.OneOf(rapid.IntRange(-3, 30), rapid.Int()).Filter(func(i int) bool { return !mine[i] }).Draw(t, "handle")
		images := rapid.Permutation([]int{0, 17, i}).Draw(t, "images")
		for name, ask := range asking(b) {
			require.ErrorContains(t, ask(images), "is no image of this bench: want one of the 12 to retain, 4 to forget and 2 unseen", name)
		}
	})
	for name, ask := range asking(b) {
		assert.NoError(t, ask([]int{0, 17}), name)
	}
	for _, i := range b.Forget() {
		assert.ErrorContains(t, asking(b)["Pictures"]([]int{i}), "is to be forgotten", "what was done to it is not told")
	}
}

// With proxies the retained images are no handles any more.
func TestBenchOfProxies(t *testing.T) {
	c := aside(t)
	c.Split.Retain, c.Split.Proxy = []int{0, 1, 2, 3}, []int{5, 6}
	b := NewBench(c.Proxied())
	assert.Equal(t, []int{5, 6}, b.Retain())
	_, err := b.Training(ctx, []int{0}, 1)
	assert.ErrorContains(t, err, "0 is no image of this bench")
}

// Noise has its image's mean and spread, for poisoned images the true one's, and the view that training gives the image.
func TestBenchNoise(t *testing.T) {
	c := aside(t)
	b := NewBench(c)
	images := []int{4, 0, 17}
	got, err := b.Noise(ctx, images, 3, rand.New(rand.NewPCG(1, 2)))
	require.NoError(t, err)
	var truth []float32
	truth = append(append(append(truth, picture(t, c.Train, 4)...), picture(t, c.Train, 0)...), picture(t, c.Test, 1)...)
	assert.Equal(t, noiseLike(truth, 3, rand.New(rand.NewPCG(1, 2))), got.Target)
	shown, err := b.Training(ctx, images, 3)
	require.NoError(t, err)
	assert.Equal(t, shown.View.Region, got.View.Region)
}

// The type is the promise: a bench offers these methods and no field. Whoever adds one shows here that no test image, no
// trigger and no list of poisoned images can come out of it.
func TestBenchOffersNoMore(t *testing.T) {
	typ := reflect.TypeFor[*Bench]()
	var names []string
	for i := range typ.NumMethod() {
		names = append(names, typ.Method(i).Name)
	}
	assert.Equal(t, []string{"All", "Device", "Forget", "Generate", "Measuring", "Noise", "Pictures", "Retain", "Shape",
		"Size", "Tensors", "Training", "Unseen"}, names)
	for i := range typ.Elem().NumField() {
		assert.False(t, typ.Elem().Field(i).IsExported(), typ.Elem().Field(i).Name)
	}
}

// Reading stops with the context, as the sets do.
func TestBenchReadsUntilCancelled(t *testing.T) {
	c := aside(t)
	src := &Procedural{Train: 16, Test: 6, Size: 32, draw: datasets.Shapes}
	train, test, err := src.Open(1)
	require.NoError(t, err)
	c.Train, c.Test = train, test
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	_, err = NewBench(c).Training(stopped, []int{0, 17}, 1)
	assert.ErrorIs(t, err, context.Canceled)
}
