package methods

import "github.com/lethe-audit/lethe/audit"

// All lists the methods, baselines and controls.
var All = audit.Set[Method]{
	{Name: "decouple", Doc: "gradient ascent on the forget set until it is out of distribution, then fine-tuning on the rest (Varshney & Torra 2025); cycles repeat both", New: func() Method { return newDecouple() }},
	{Name: "noise-matching", Doc: "pull the embeddings of forget images to those of noise, hold the others (Li et al., ICLR 2024)", New: func() Method { return newNoiseMatching() }},
	{Name: "random-labels", Doc: "train forget images towards other images", New: func() Method { return &RandomLabels{Effort: 1.0 / 6, LR: 1.5e-3} }},
	{Name: "noisy-labels", Doc: "train forget images towards Gaussian noise", New: func() Method { return &NoisyLabels{Effort: 1.0 / 6, LR: 2e-3} }},
	{Name: "fine-tune", Doc: "go on training without the forget set", New: func() Method { return &FineTune{Effort: 1.0 / 6, LR: 2e-3} }},
	{Name: "retrain", Doc: "train afresh without the forget set: what forgetting should amount to", New: func() Method { return &Retrain{Epochs: 1} }},
	{Name: "original", Doc: "control: the original, unchanged", New: func() Method { return &Original{} }},
	{Name: "random-weights", Doc: "control: fresh weights, never trained", New: func() Method { return &RandomWeights{} }},
}
