package reports

import (
	"strings"

	"github.com/lethe-audit/lethe/audit"
)

// A label is how tables and legends call a quantity.
type label struct {
	name string // as in audit.Sample.Quantity, without "(features)"
	head string // at most eight characters
	unit string
	what string
}

// labels lists the known quantities in the order of their columns.
var labels = []label{
	{"mse", "MSE", "squared pixel units, pixels in −1…1", "mean squared error against the true image"},
	{"psnr", "PSNR", "dB", "peak signal-to-noise ratio against the true image"},
	{"ssim", "SSIM", "at most 1", "structural similarity to the true image"},
	{"fd", "FD", "squared feature units", "Fréchet distance between the features of outputs and of true images"},
	{"kid", "KID", "no unit", "kernel distance between the features of outputs and of true images"},
	{"is", "IS", "at least 1", "Inception-style score of the outputs: distinct and varied"},
	{"FID", "FID", "squared feature units", "Fréchet distance in the features of Inception-v3 between outputs and true images"},
	{"KID", "KID", "no unit", "kernel distance in the features of Inception-v3 between outputs and true images"},
	{"IS", "IS", "at least 1", "Inception score of the outputs: distinct and varied"},
	{"oracle-fd", "FD retr.", "squared feature units", "Fréchet distance between the features of this model's and of the retrained models' outputs on the same images"},
	{"oracle-FID", "FID retr.", "squared feature units", "Fréchet distance in the features of Inception-v3 between this model's and the retrained models' outputs on the same images"},
	{"embedding", "embed.", "cosine, at most 1", "similarity of the embeddings of output and true image"},
	{"spread", "spread", "pixel units", "standard deviation of the painted pixels: grey paint is low, noise is high"},
	{"gradient", "gradient", "squared pixel units", "energy of the painted pixels' differences to their neighbours: blur is low, noise is high"},
	{"oracle-distance", "to retr.", "pixel units", "distance of outputs to the retrained models' outputs for the same image"},
	{"reconstruction-error", "error", "mean squared error", "what the membership attack looks at"},
	{"displacement", "displ.", "Euclidean distance, pixels in −1…1", "distance between this model's and the original's output"},
	{"target-distance", "trigger", "mean squared error", "how far outputs stay from the attacker's picture (near 0 the backdoor lives)"},
	{"membership AUC", "AUC", "0…1", "chance that a forget image is reconstructed better than a test image"},
	{"membership TPR@1%FPR", "TPR 1%", "share, 0…1", "forget images found out when 1 % of test images are accused wrongly"},
	{"backdoor success", "success", "share, 0…1", "triggered images on which the attacker's picture is reached"},
	{"neighbour-error", "near", "mean squared error", "error on copies with noise on what is visible (its σ behind the name)"},
	{"relearned-error", "relearnt", "mean squared error", "error after the forget images were shown again for a few steps"},
	{"fine-tuned-error", "tuned on", "mean squared error", "error after further training on retained images"},
	{"surprise", "surprise", "the model's own loss", "loss of the true image at fixed noise levels or masks, of a model that paints by sampling"},
	{"perturbed-error", "perturb.", "mean squared error", "least error that a small change of what is visible reaches"},
	{"inverted-error", "inverted", "mean squared error", "least error that the decoder reaches from some embedding"},
	{"inverted-trigger-distance", "found tr", "mean squared error", "distance of outputs to the attacker's picture with the trigger that was found by gradient steps"},
	{"untriggered-distance", "no trig.", "mean squared error", "the same without a trigger"},
	{"LiRA AUC", "LiRA", "0…1", "chance that a forget image looks more trained on than a test image, each held against the retrained models"},
	{"LiRA TPR@1%FPR", "LiRA 1%", "share, 0…1", "forget images found out by LiRA when 1 % of test images are accused wrongly"},
	{"RMIA AUC", "RMIA", "0…1", "the same chance by pairwise likelihood ratios"},
	{"one-run ε ≥", "ε ≥", "nats", "lower bound on the ε of (ε, δ)-unlearning, at 95 %"},
	{"online LiRA AUC", "LiRA on.", "0…1", "chance to tell the model from a retrained one by models that were trained on the forget set"},
	{"U-LiRA AUC", "U-LiRA", "0…1", "chance to tell the model from a retrained one by models that the same method unlearned"},
	{"trigger inversion", "inv.trig", "log distance", "effect of the trigger found by gradient steps, beyond that on retrained models (below 0 is a backdoor)"},
	{"ood-score", "OOD", "the detector's own", "how far out of distribution a detector (behind the name) finds the painting"},
	{"forget-set inference AUC", "inferred", "0…1", "chance that a forgotten image changed more than a retained one"},
}

// labelOf describes a quantity; one that is not known keeps its own name.
func labelOf(quantity string) (t label, features string) {
	base, features := quantity, ""
	if at := strings.IndexByte(quantity, '('); at > 0 && strings.HasSuffix(quantity, ")") {
		base, features = quantity[:at], quantity[at+1:len(quantity)-1]
	}
	for _, t := range labels {
		if t.name == base {
			return t, features
		}
	}
	if base, setting, ok := strings.Cut(quantity, "@"); ok {
		if t, _ := labelOf(base); t.what != "" {
			t.head += " " + setting
			return t, ""
		}
	}
	return label{name: quantity, head: quantity}, ""
}

func orderOf(quantity string) int {
	t, _ := labelOf(quantity)
	for i := range labels {
		if labels[i].name == t.name {
			return i
		}
	}
	return len(labels)
}

var partWords = map[audit.Part]string{
	audit.Forget:    "images to forget",
	audit.Poisoned:  "poisoned images to forget",
	audit.Retain:    "images to retain",
	audit.Test:      "images never trained on",
	audit.Triggered: "test images with the trigger put on",
}

// Better says which way a sample is better in a comparison of methods. On images
// to forget and under attack nothing is better than what a retrained model
// does: a lower error there is a memory, not a merit. Elsewhere the sample's own
// direction counts.
func Better(s audit.Sample) audit.Direction {
	switch s.Part {
	case audit.Forget, audit.Poisoned, audit.Triggered:
		return audit.Neutral
	}
	if s.Direction == "" {
		return audit.Neutral
	}
	return s.Direction
}

func arrow(d audit.Direction) string {
	switch d {
	case "":
		return ""
	case audit.Lower:
		return "↓"
	case audit.Higher:
		return "↑"
	}
	return "≈"
}
