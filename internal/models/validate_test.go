package models

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/torch"
)

func TestFamiliesValidate(t *testing.T) {
	ae := func(f func(*ConvAutoencoder)) Family { c := *tinyAE; f(&c); return &c }
	mae := func(f func(*MAE)) Family { c := *tinyMAE; f(&c); return &c }
	mage := func(f func(*MAGE)) Family { c := *tinyMAGE; f(&c); return &c }
	for _, c := range []struct {
		f    Family
		says string
	}{
		{tinyAE, ""},
		{ae(func(f *ConvAutoencoder) { f.Width = 0 }), "width is 0"},
		{ae(func(f *ConvAutoencoder) { f.Hidden = -1 }), "hidden is -1"},
		{ae(func(f *ConvAutoencoder) { f.Latent = 0 }), "latent is 0"},
		{tinyMAE, ""},
		{mae(func(f *MAE) { f.Patch = 0 }), "patch is 0"},
		{mae(func(f *MAE) { f.Dim = 0 }), "dim is 0"},
		{mae(func(f *MAE) { f.Depth = 0 }), "depth is 0"},
		{mae(func(f *MAE) { f.Heads = 0 }), "heads is 0"},
		{mae(func(f *MAE) { f.DecoderDim = 0 }), "decoderDim is 0"},
		{mae(func(f *MAE) { f.DecoderDepth = 0 }), "decoderDepth is 0"},
		{mae(func(f *MAE) { f.DecoderHeads = 0 }), "decoderHeads is 0"},
		{mae(func(f *MAE) { f.Heads = 3 }), "multiples of 4 and of their heads"},
		{mae(func(f *MAE) { f.Dim, f.Heads = 6, 3 }), "multiples of 4"},
		{mae(func(f *MAE) { f.DecoderHeads = 3 }), "multiples of 4 and of their heads"},
		{tinyMAGE, ""},
		{mage(func(f *MAGE) { f.Patch = 0 }), "patch is 0"},
		{mage(func(f *MAGE) { f.Codes = 1 }), "codes is 1: want at least 2"},
		{mage(func(f *MAGE) { f.Code = 0 }), "codeDim is 0"},
		{mage(func(f *MAGE) { f.Width = 0 }), "width is 0"},
		{mage(func(f *MAGE) { f.Blocks = -1 }), "blocks is -1"},
		{mage(func(f *MAGE) { f.Dim = 0 }), "dim is 0"},
		{mage(func(f *MAGE) { f.Heads = 3 }), "multiples of their heads (3, 2)"},
		{mage(func(f *MAGE) { f.DecoderHeads = 3 }), "multiples of their heads (2, 3)"},
		{mage(func(f *MAGE) { f.Classes = 0 }), "classes is 0"},
		{mage(func(f *MAGE) { f.Steps = 0 }), "steps is 0"},
		{mage(func(f *MAGE) { f.Temperature = -1 }), "temperature -1"},
		{mage(func(f *MAGE) { f.ChoiceTemperature = math.NaN() }), "choiceTemperature NaN"},
	} {
		v, ok := c.f.(interface{ Validate() error })
		require.True(t, ok)
		err := v.Validate()
		_, made := c.f.New(torch.CPU, Shape{16, true}, 1)
		if c.says == "" {
			assert.NoError(t, err, "%+v", c.f)
			assert.NoError(t, made, "%+v", c.f)
		} else {
			assert.ErrorContains(t, err, c.says, "%+v", c.f)
			assert.ErrorContains(t, made, c.says, "%+v", c.f)
		}
	}
	for _, e := range All {
		v, ok := e.New().(interface{ Validate() error })
		require.True(t, ok, e.Name)
		if e.Name == "torchscript" {
			assert.EqualError(t, v.Validate(), "path is missing: give the TorchScript file", "the only thing that has no default")
			continue
		}
		assert.NoError(t, v.Validate(), "defaults of %s", e.Name)
	}
}

func TestFamiliesCheckShapes(t *testing.T) {
	for _, c := range []struct {
		f    Family
		size int
		says string
	}{
		{tinyAE, 24, ""},
		{tinyAE, 8, "side 8 is not a multiple of 8 from 16 on"},
		{tinyAE, 20, "side 20"},
		{tinyMAE, 20, ""},
		{tinyMAE, 18, "side 18 is not a multiple of the patch 4"},
		{tinyMAGE, 20, ""},
		{tinyMAGE, 18, "side 18 is not a multiple of the patch 4"},
		{tinyMAGE, 4, "side 4 is not a multiple of the patch 4 from 8 on"},
	} {
		err := c.f.Check(Shape{Size: c.size, Masked: true})
		if c.says == "" {
			assert.NoError(t, err)
			continue
		}
		assert.ErrorContains(t, err, c.says)
		_, err = c.f.New(torch.CPU, Shape{Size: c.size, Masked: true}, 1)
		assert.ErrorContains(t, err, c.says)
	}
}
