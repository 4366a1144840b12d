package criteria

// inversion: what is known is still in the decoder.
func inversion() Criterion {
	return &Gap{Margin: 0.1, attack: "inversion", quantity: "inverted-error", name: "forget − test error of the best embedding", words: Words{
		Pass:    "no evidence that its decoder reaches forget images better than a retrained model's does, beyond the margin",
		Fail:    "its decoder reaches forget images better than a retrained model's does",
		NoPower: "the original's own decoder reaches forget images as retrained models' do: its memory is not in the decoder, or the steps are too few or too many",
	}}
}
