package criteria

// likelihood: what paintings hide, the loss may tell. Retrained models lay within 0.07 (palette) and 0.04 (mage) of each
// other in this score, and originals 0.13 to 1.6 below them; the margin lies between.
func likelihood() Criterion {
	return &Gap{Margin: 0.1, attack: "likelihood", quantity: "surprise", name: "forget − test surprise", unit: "log loss", words: Words{
		Pass:    "no evidence that forget images are likelier to it than to a retrained model, beyond the margin",
		Fail:    "forget images are likelier to it than to a retrained model",
		NoPower: "the original's own losses tell forget images from test images no better than a retrained model's",
	}}
}
