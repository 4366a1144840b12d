package criteria

// likelihood: what paintings hide, the loss may tell.
func likelihood() Criterion {
	return &Gap{Margin: 0.2, attack: "likelihood", quantity: "surprise", name: "forget − test surprise", words: Words{
		Pass:    "no evidence that forget images are likelier to it than to a retrained model, beyond the margin",
		Fail:    "forget images are likelier to it than to a retrained model",
		NoPower: "the original's own losses tell forget images from test images no better than a retrained model's",
	}}
}
