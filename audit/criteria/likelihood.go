package criteria

// likelihood: what paintings hide, the loss may tell. Retrained models differ among themselves by 0.01 to 0.04 in this
// score, half of what they do in the error of paintings, and the original's gap is no larger; hence half the margin.
func likelihood() Criterion {
	return &Gap{Margin: 0.1, attack: "likelihood", quantity: "surprise", name: "forget − test surprise", words: Words{
		Pass:    "no evidence that forget images are likelier to it than to a retrained model, beyond the margin",
		Fail:    "forget images are likelier to it than to a retrained model",
		NoPower: "the original's own losses tell forget images from test images no better than a retrained model's",
	}}
}
