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
		{&Procedural{Train: 2, Test: 2, Size: 64, draw: datasets.Shapes}, ""},
		{&Procedural{Train: 1, Test: 2, Size: 32, draw: datasets.Shapes}, "train 1 and test 2"},
		{&Procedural{Train: 2, Test: 0, Size: 32, draw: datasets.Shapes}, "want 2 to 1048576 images"},
		{&Procedural{Train: 2, Test: 2, Size: 48, draw: datasets.Shapes}, "size is 48: want 32 or 64"},
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
	src := &Procedural{Train: 40, Test: 20, Size: 32, draw: datasets.Shapes}
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

	split, manifest, err := Divide(ctx, train, test, src, audit.Forgets{Kind: "random", Fraction: 0.25, Poisoned: 0.5}, false, 2)
	require.NoError(t, err)
	assert.Len(t, split.Forget, 10)
	assert.Len(t, split.Poisoned, 5)
	assert.Len(t, split.Retain, 30)
	assert.Equal(t, split, manifest.Split())
	other, _, err := Divide(ctx, train, test, src, audit.Forgets{Kind: "random", Fraction: 0.25, Poisoned: 0.5}, false, 3)
	require.NoError(t, err)
	assert.NotEqual(t, split.Forget, other.Forget, "the seed chooses")
}

func TestDivideTakesWhatThePlanSays(t *testing.T) {
	train, test := random(20, 32, 3), random(10, 32, 4)
	for _, src := range []Source{&CIFAR10{Path: "here", Train: 12, Test: 5}, &ImageFolder{Path: "here", Size: 32, Train: 12, Test: 5}} {
		s, _, err := Divide(ctx, train, test, src, audit.Forgets{Kind: "random", Fraction: 0.25}, false, 1)
		require.NoError(t, err)
		assert.Equal(t, 12, len(s.Retain)+len(s.Forget))
		assert.Len(t, s.Test, 5)
	}
}

// What no method of the plan needs changes nothing: the split of the plan that comes with Lethe is, to the bit of its
// manifest, the one that was made before images could be set aside.
func TestDivideWithoutUnseen(t *testing.T) {
	src := &Procedural{Train: 448, Test: 512, Size: 32, draw: datasets.Shapes}
	train, test, err := src.Open(audit.Seed(1, "data"))
	require.NoError(t, err)
	f := audit.Forgets{Kind: "random", Fraction: 0.25, Poisoned: 0.25}
	plain, manifest, err := Divide(ctx, train, test, src, f, false, audit.Seed(1, "split"))
	require.NoError(t, err)
	digest, err := manifest.Digest()
	require.NoError(t, err)
	assert.EqualValues(t, "d256c8574d00460b885f8ab63389e4f304d3ec5bae43d49b1a8a01f129b580e5", digest)
	assert.Empty(t, plain.Unseen)

	with, _, err := Divide(ctx, train, test, src, f, true, audit.Seed(1, "split"))
	require.NoError(t, err)
	assert.Len(t, with.Unseen, 128, "a quarter")
	assert.Len(t, with.Test, 384)
	assert.ElementsMatch(t, plain.Test, append(with.Test, with.Unseen...))
	with.Test, with.Unseen = plain.Test, nil
	assert.Equal(t, plain, with, "the other parts stay")
}

// At most as many are set aside as a displacement is the mean over.
func TestDivideSetsNoMoreAside(t *testing.T) {
	src := &Procedural{Train: 8, Test: 4 * (Displaced + 9), Size: 32, draw: datasets.Shapes}
	train, test, err := src.Open(1)
	require.NoError(t, err)
	s, _, err := Divide(ctx, train, test, src, audit.Forgets{Kind: "random", Fraction: 0.25}, true, 1)
	require.NoError(t, err)
	assert.Len(t, s.Unseen, Displaced)
}
