package criteria

import "github.com/lethe-audit/lethe/audit"

var likelihoodEntry = audit.Entry[Criterion]{
	Name: "likelihood", Profile: "standard",
	Doc:   "forget images are no likelier to the model than test images, beyond what they are to retrained models",
	New:   likelihood,
	Needs: audit.Traits{Sampling: true},
}

// Surprise is what the attack likelihood leaves.
var Surprise = audit.Quantity{
	Name: "surprise", Head: "surprise", Unit: "the model's own loss", Direction: audit.Neutral,
	What: "loss of the true image at fixed noise levels or masks, of a model that paints by sampling",
}

// likelihood: what paintings hide, the loss may tell. Retrained models lay within 0.07 (palette) and 0.04 (mage) of each
// other in this score, and originals 0.13 to 1.6 below them; the margin lies between.
func likelihood() Criterion {
	return &Gap{Margin: 0.1, attack: "likelihood", quantity: Surprise, name: "forget − test surprise", unit: "log loss", words: Words{
		Seeks:   Influence,
		Pass:    "no evidence that forget images are likelier to it than to a retrained model, beyond the margin",
		Fail:    "forget images are likelier to it than to a retrained model",
		NoPower: "the original's own losses tell forget images from test images no better than a retrained model's",
	}}
}
