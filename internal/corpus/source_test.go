package corpus

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/datasets"
)

func TestSourcesValidate(t *testing.T) {
	for _, c := range []struct {
		src  audit.Validator
		says string
	}{
		{&Shapes{Train: 2, Test: 2, Size: 64}, ""},
		{&Shapes{Train: 1, Test: 2, Size: 32}, "train 1 and test 2"},
		{&Shapes{Train: 2, Test: 0, Size: 32}, "want 2 to 1048576 images"},
		{&Shapes{Train: 2, Test: 2, Size: 48}, "size is 48: want 32 or 64"},
		{&CIFAR10{Path: "here", Train: 0, Test: 10}, ""},
		{&CIFAR10{}, "path is missing"},
		{&CIFAR10{Path: "here", Train: -1}, "must not be negative"},
		{&ImageFolder{Path: "here", Size: 64}, ""},
		{&ImageFolder{Size: 64}, "path is missing"},
		{&ImageFolder{Path: "here", Size: 8}, "size is 8: want 16 to 1024"},
		{&ImageFolder{Path: "here", Size: 64, Test: -1}, "must not be negative"},
	} {
		err := c.src.Validate()
		if c.says == "" {
			assert.NoError(t, err, "%+v", c.src)
		} else {
			assert.ErrorContains(t, err, c.says, "%+v", c.src)
		}
	}
}

func TestShapesSource(t *testing.T) {
	src := &Shapes{Train: 40, Test: 20, Size: 32}
	train, test, err := src.Open(1)
	require.NoError(t, err)
	require.Equal(t, 40, train.Len())
	require.Equal(t, 20, test.Len())
	read := func(s datasets.Set) []float32 {
		px := make([]float32, 3*32*32)
		require.NoError(t, s.Read(ctx, px, []int{0}))
		return px
	}
	assert.NotEqual(t, read(train), read(test), "training and test images come from different streams")
	again, _, err := src.Open(1)
	require.NoError(t, err)
	assert.Equal(t, read(train), read(again))

	split, manifest, err := Divide(ctx, train, test, src, audit.Forgets{Kind: "random", Fraction: 0.25, Poisoned: 0.5}, 2)
	require.NoError(t, err)
	assert.Len(t, split.Forget, 10)
	assert.Len(t, split.Poisoned, 5)
	assert.Len(t, split.Retain, 30)
	assert.Equal(t, split, manifest.Split())
	other, _, err := Divide(ctx, train, test, src, audit.Forgets{Kind: "random", Fraction: 0.25, Poisoned: 0.5}, 3)
	require.NoError(t, err)
	assert.NotEqual(t, split.Forget, other.Forget, "the seed chooses")
}

func TestDivideTakesWhatThePlanSays(t *testing.T) {
	train, test := random(20, 32, 3), random(10, 32, 4)
	for _, src := range []Source{&CIFAR10{Path: "here", Train: 12, Test: 5}, &ImageFolder{Path: "here", Size: 32, Train: 12, Test: 5}} {
		s, _, err := Divide(ctx, train, test, src, audit.Forgets{Kind: "random", Fraction: 0.25}, 1)
		require.NoError(t, err)
		assert.Equal(t, 12, len(s.Retain)+len(s.Forget))
		assert.Len(t, s.Test, 5)
	}
}
