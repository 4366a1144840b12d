package mage

import (
	"github.com/lethe-audit/lethe/internal/families/pixelrange"
)

// tinyMAGE is a small configuration.
var tinyMAGE = &Family{
	Patch: 4, Codes: 16, Code: 4, Width: 8, Blocks: 1, Dim: 8, Depth: 2, Heads: 2, DecoderDim: 8, DecoderDepth: 1, DecoderHeads: 2,
	Classes: 1, Steps: 3, Temperature: 1, ChoiceTemperature: 6, Tokenizer: patchwise, Pixels: pixelrange.Tanh,
}
