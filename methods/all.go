package methods

import "github.com/lethe-audit/lethe/audit"

// All lists the methods, baselines and controls.
var All = audit.Set[Method]{
	{Name: "decouple", Doc: "gradient ascent on the forget set until it is out of distribution, then fine-tuning on the rest (Varshney & Torra 2025); cycles repeat both", New: func() Method { return newDecouple() }},
	{Name: "noise-matching", Doc: "pull the embeddings of forget images to those of noise, hold the others (Li et al., ICLR 2024)", New: func() Method { return newNoiseMatching() }},
	{Name: "random-labels", Doc: "train forget images towards other images", New: func() Method { return &RandomLabels{Effort: 1.0 / 6, LR: 1.5e-3} }},
	{Name: "noisy-labels", Doc: "train forget images towards Gaussian noise", New: func() Method { return &NoisyLabels{Effort: 1.0 / 6, LR: 2e-3} }},
	{Name: "max-loss", Doc: "train on retained images and ascend on forget images in the same step (baseline of Li et al., ICLR 2024)", New: func() Method { return &MaxLoss{Effort: 1.0 / 3, LR: 1e-3, AlphaRetain: 1, AlphaForget: 0.2, Clip: 1} }},
	{Name: "retain-label-as-described", Doc: "paint forget images as the original paints retained ones (baseline of Li et al., ICLR 2024)", New: func() Method { return &RetainLabel{Effort: 1.0 / 6, LR: 1e-3} }},
	{Name: "retain-label-as-released", Doc: "the same as its published code does it: forget images have no weight", New: func() Method { return &RetainLabel{Effort: 1.0 / 6, LR: 1e-3, released: true} }},
	{Name: "random-encoder-as-described", Doc: "pull the embeddings of forget images to noise (baseline of Li et al., ICLR 2024)", New: func() Method { return &RandomEncoder{Effort: 1.0 / 3, LR: 1e-3} }},
	{Name: "random-encoder-as-released", Doc: "the same as its published code does it: forget images have no weight", New: func() Method { return &RandomEncoder{Effort: 1.0 / 3, LR: 1e-3, released: true} }},
	{Name: "neggrad+", Doc: "descend on retained and ascend on forget images, weighted (Kurmanji et al. 2023)", New: func() Method { return &NegGradPlus{Effort: 1.0 / 3, LR: 1e-3, Beta: 0.9, Clip: 1} }},
	{Name: "joint", Doc: "the same with the ascent of every image bounded at the error of unseen images", New: func() Method { return &Joint{Effort: 1.0 / 3, LR: 1e-3, Alpha: 0.5, Clip: 1} }},
	{Name: "scrub", Doc: "a student leaves its teacher on forget images and follows it on retained ones (Kurmanji et al. 2023)", New: func() Method { return newScrub() }},
	{Name: "salun", Doc: "random labels on the weights that matter to the forget set (Fan et al., ICLR 2024)", New: func() Method { return &SalUn{Effort: 1.0 / 6, LR: 1.5e-3, Share: 0.5} }},
	{Name: "ssd", Doc: "selective synaptic dampening: shrink weights that matter to the forget set alone (Foster et al. 2024)", New: func() Method { return &Dampening{Alpha: 2, Lambda: 1} }},
	{Name: "erase-diff", Doc: "towards noise on forget images, corrected for the retained ones (Wu et al. 2024)", New: func() Method { return &EraseDiff{Effort: 1.0 / 6, LR: 1e-3, Eta: 0.1} }},
	{Name: "l1-sparse", Doc: "go on training without the forget set under an ℓ1 penalty (Jia et al. 2023)", New: func() Method { return &L1Sparse{Effort: 1.0 / 3, LR: 2e-3, Gamma: 1e-4} }},
	{Name: "selective-amnesia", Doc: "towards noise on forget images, important weights held, the original's paintings replayed (Heng & Soh 2023)", New: func() Method { return &SelectiveAmnesia{Effort: 1.0 / 6, LR: 1e-3, Lambda: 1e-3, Gamma: 1} }},
	{Name: "rewind", Doc: "back to an earlier checkpoint of the training, and on without the forget set (Mu & Klabjan 2024)", New: func() Method { return &Rewind{Back: 0.5} }},
	{Name: "shrink-perturb", Doc: "part of the way back to fresh weights, and training without the forget set (after Ash & Adams 2020)", New: func() Method { return &ShrinkPerturb{Shrink: 0.5, Perturb: 0.5, Effort: 1.0 / 3, LR: 4e-3} }},
	{Name: "certified", Doc: "certified noisy fine-tuning: clipped weights, noisy steps on retained images, then training (Koloskova et al. 2025)", New: func() Method { return newCertified() }},
	{Name: "fine-tune", Doc: "go on training without the forget set", New: func() Method { return &FineTune{Effort: 1.0 / 6, LR: 2e-3} }},
	{Name: "retrain", Doc: "train afresh without the forget set: what forgetting should amount to", New: func() Method { return &Retrain{Epochs: 1} }},
	{Name: "given", Doc: "a model that somebody else unlearned, as a TorchScript file (docs/bring-your-own.md)", New: func() Method { return newGiven() }},
	{Name: "given-weights", Doc: "a model that was unlearned elsewhere, its weights in a file", New: func() Method { return &GivenWeights{} }},
	{Name: "original", Doc: "control: the original, unchanged", New: func() Method { return &Original{} }},
	{Name: "random-weights", Doc: "control: fresh weights, never trained", New: func() Method { return &RandomWeights{} }},
}
