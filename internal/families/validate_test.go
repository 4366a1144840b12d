package families

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/families/autoencoder"
	"github.com/lethe-audit/lethe/internal/families/mae"
	"github.com/lethe-audit/lethe/internal/families/mage"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

func TestFamiliesValidate(t *testing.T) {
	changedAE := func(f func(*autoencoder.Family)) models.Family { c := *tinyAE; f(&c); return &c }
	changedMAE := func(f func(*mae.Family)) models.Family { c := *tinyMAE; f(&c); return &c }
	changedMAGE := func(f func(*mage.Family)) models.Family { c := *tinyMAGE; f(&c); return &c }
	for _, c := range []struct {
		f    models.Family
		says string
	}{
		{tinyAE, ""},
		{changedAE(func(f *autoencoder.Family) { f.Width = 0 }), "width is 0"},
		{changedAE(func(f *autoencoder.Family) { f.Hidden = -1 }), "hidden is -1"},
		{changedAE(func(f *autoencoder.Family) { f.Latent = 0 }), "latent is 0"},
		{tinyMAE, ""},
		{changedMAE(func(f *mae.Family) { f.Patch = 0 }), "patch is 0"},
		{changedMAE(func(f *mae.Family) { f.Dim = 0 }), "dim is 0"},
		{changedMAE(func(f *mae.Family) { f.Depth = 0 }), "depth is 0"},
		{changedMAE(func(f *mae.Family) { f.Heads = 0 }), "heads is 0"},
		{changedMAE(func(f *mae.Family) { f.DecoderDim = 0 }), "decoderDim is 0"},
		{changedMAE(func(f *mae.Family) { f.DecoderDepth = 0 }), "decoderDepth is 0"},
		{changedMAE(func(f *mae.Family) { f.DecoderHeads = 0 }), "decoderHeads is 0"},
		{changedMAE(func(f *mae.Family) { f.Heads = 3 }), "multiples of 4 and of their heads"},
		{changedMAE(func(f *mae.Family) { f.Dim, f.Heads = 6, 3 }), "multiples of 4"},
		{changedMAE(func(f *mae.Family) { f.DecoderHeads = 3 }), "multiples of 4 and of their heads"},
		{tinyMAGE, ""},
		{changedMAGE(func(f *mage.Family) { f.Patch = 0 }), "patch is 0"},
		{changedMAGE(func(f *mage.Family) { f.Codes = 1 }), "codes is 1: want at least 2"},
		{changedMAGE(func(f *mage.Family) { f.Code = 0 }), "codeDim is 0"},
		{changedMAGE(func(f *mage.Family) { f.Width = 0 }), "width is 0"},
		{changedMAGE(func(f *mage.Family) { f.Blocks = -1 }), "blocks is -1"},
		{changedMAGE(func(f *mage.Family) { f.Dim = 0 }), "dim is 0"},
		{changedMAGE(func(f *mage.Family) { f.Heads = 3 }), "multiples of their heads (3, 2)"},
		{changedMAGE(func(f *mage.Family) { f.DecoderHeads = 3 }), "multiples of their heads (2, 3)"},
		{changedMAGE(func(f *mage.Family) { f.Classes = 0 }), "classes is 0"},
		{changedMAGE(func(f *mage.Family) { f.Steps = 0 }), "steps is 0"},
		{changedMAGE(func(f *mage.Family) { f.Temperature = -1 }), "temperature -1"},
		{changedMAGE(func(f *mage.Family) { f.ChoiceTemperature = math.NaN() }), "choiceTemperature NaN"},
	} {
		v, ok := c.f.(interface{ Validate() error })
		require.True(t, ok)
		err := v.Validate()
		_, made := c.f.New(torch.CPU, models.Shape{Size: 16, Masked: true}, 1)
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
		f    models.Family
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
		err := c.f.Check(models.Shape{Size: c.size, Masked: true})
		if c.says == "" {
			assert.NoError(t, err)
			continue
		}
		assert.ErrorContains(t, err, c.says)
		_, err = c.f.New(torch.CPU, models.Shape{Size: c.size, Masked: true}, 1)
		assert.ErrorContains(t, err, c.says)
	}
}
