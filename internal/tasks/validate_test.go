package tasks

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestValidate(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		task interface{ Validate() error }
		says string // empty: accepted
	}{
		{&Inpaint{Hole: 0.5}, ""},
		{&Inpaint{}, "hole is 0"},
		{&Inpaint{Hole: 1}, "hole is 1"},
		{&Inpaint{Hole: -0.1}, "between 0 and 1"},
		{&Inpaint{Hole: nan}, "hole is NaN"},
		{&Outpaint{Keep: 0.2}, ""},
		{&Outpaint{Keep: 1.5}, "keep is 1.5"},
		{&Outpaint{Keep: nan}, "keep is NaN"},
		{&RandomMask{Patch: 1, Ratio: 0.5}, ""},
		{&RandomMask{Patch: 0, Ratio: 0.5}, "patch is 0"},
		{&RandomMask{Patch: -4, Ratio: 0.5}, "patch is -4"},
		{&RandomMask{Patch: 4, Ratio: 0}, "ratio is 0"},
		{&RandomMask{Patch: 4, Ratio: nan}, "ratio is NaN"},
		{&SuperResolution{Factor: 2}, ""},
		{&SuperResolution{Factor: 1}, "factor is 1"},
		{&Denoise{Sigma: 10}, ""},
		{&Denoise{}, "sigma is 0"},
		{&Denoise{Sigma: inf}, "sigma is +Inf"},
		{&Denoise{Sigma: nan}, "sigma is NaN"},
	} {
		err := c.task.Validate()
		if c.says == "" {
			assert.NoError(t, err, "%T %+v", c.task, c.task)
		} else {
			assert.ErrorContains(t, err, c.says, "%T %+v", c.task, c.task)
		}
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		task Task
		s    int
		says string
	}{
		{&RandomMask{Patch: 4, Ratio: 0.5}, 32, ""},
		{&RandomMask{Patch: 5, Ratio: 0.5}, 32, "do not divide into patches of 5"},
		{&RandomMask{Patch: 32, Ratio: 0.5}, 32, "one patch"}, // nothing could stay visible
		{&RandomMask{Patch: 64, Ratio: 0.5}, 32, "do not divide"},
		{&RandomMask{Patch: 0, Ratio: 0.5}, 32, "patch is 0"},
		{&SuperResolution{Factor: 8}, 32, ""},
		{&SuperResolution{Factor: 3}, 32, "by the factor 3"},
		{&SuperResolution{Factor: 0}, 32, "factor is 0"},
		{&Inpaint{Hole: 0.5}, 17, ""},
		{&Outpaint{Keep: 0.5}, 17, ""},
		{&Denoise{Sigma: 1}, 17, ""},
		{&Reconstruct{}, 17, ""},
	} {
		err := c.task.Check(c.s)
		if c.says == "" {
			assert.NoError(t, err, "%T at %d", c.task, c.s)
		} else {
			assert.ErrorContains(t, err, c.says, "%T at %d", c.task, c.s)
		}
	}
}

func TestApplyRefusesOtherSizes(t *testing.T) {
	_, err := Apply(&Reconstruct{}, make([]float32, 3*16*16+1), 16, seeds(1, 0))
	assert.ErrorContains(t, err, "769 values for 1 images of side 16")
	v, err := Apply(&Reconstruct{}, nil, 16, nil)
	require.NoError(t, err)
	assert.Zero(t, v.N)
}

func ExampleApply() {
	v, err := Apply(&Inpaint{Hole: 0.5}, noisy(1, 8, 1), 8, []uint64{1})
	if err != nil {
		fmt.Println(err)
		return
	}
	for y := range 8 {
		fmt.Println(v.Region[y*8 : (y+1)*8])
	}
	// Output:
	// [0 0 0 0 0 0 0 0]
	// [0 0 0 0 0 0 0 0]
	// [0 0 1 1 1 1 0 0]
	// [0 0 1 1 1 1 0 0]
	// [0 0 1 1 1 1 0 0]
	// [0 0 1 1 1 1 0 0]
	// [0 0 0 0 0 0 0 0]
	// [0 0 0 0 0 0 0 0]
}
