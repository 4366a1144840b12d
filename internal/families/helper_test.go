package families

import (
	"github.com/lethe-audit/lethe/internal/families/autoencoder"
	"github.com/lethe-audit/lethe/internal/families/mae"
	"github.com/lethe-audit/lethe/internal/families/mage"
	"github.com/lethe-audit/lethe/internal/families/palette"
	"github.com/lethe-audit/lethe/internal/families/pixelrange"
	"github.com/lethe-audit/lethe/internal/models"
)

// Small configurations of every family, the same as in their own tests.
var (
	tinyAE   = &autoencoder.Family{Width: 4, Hidden: 12, Latent: 6}
	tinyMAE  = &mae.Family{Patch: 4, Dim: 8, Depth: 2, Heads: 2, DecoderDim: 8, DecoderDepth: 1, DecoderHeads: 2, Pixels: pixelrange.Tanh}
	tinyMAGE = &mage.Family{
		Patch: 4, Codes: 16, Code: 4, Width: 8, Blocks: 1, Dim: 8, Depth: 2, Heads: 2, DecoderDim: 8, DecoderDepth: 1, DecoderHeads: 2,
		Classes: 1, Steps: 3, Temperature: 1, ChoiceTemperature: 6, Tokenizer: "patches", Pixels: pixelrange.Tanh,
	}
)

// tinyPyramid is a small MAGE with the released tokenizer's network, on patches of 4.
func tinyPyramid() *mage.Family {
	f := *tinyMAGE
	f.Tokenizer, f.Multipliers, f.Groups, f.Pixels, f.Width, f.Critic = "vqgan", []int{1, 2, 1}, 4, pixelrange.Unit, 8, 4
	return &f
}

// tinyPalette has every part of the network: two levels, attention at both, skips of other widths, patches.
func tinyPalette() *palette.Family {
	return &palette.Family{Patch: 2, Channels: 8, Multipliers: []int{1, 2}, ResBlocks: 1, Attention: []int{2}, HeadChannels: 8, Groups: 4,
		Steps: 100, BetaStart: 1e-4, BetaEnd: 0.1, SampleSteps: 4, Predict: "noise"}
}

// everyFamily lists the small configurations under their names.
func everyFamily() map[string]models.Family {
	all := painters()
	all["mage"] = tinyMAGE
	return all
}

// painters lists those whose training loss is the error of their painting over the region.
func painters() map[string]models.Family {
	return map[string]models.Family{"autoencoder": tinyAE, "mae": tinyMAE}
}
