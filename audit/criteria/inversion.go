package criteria

import "github.com/lethe-audit/lethe/audit"

var inversionEntry = audit.Entry[Criterion]{
	Name: "inversion", Profile: "strict",
	Doc: "the decoder reaches forget images no better than test images, beyond what retrained models do",
	New: inversion,
}

// InvertedError is what the attack inversion leaves.
var InvertedError = audit.Quantity{
	Name: "inverted-error", Head: "inverted", Unit: "mean squared error", Direction: audit.Neutral,
	What: "least error that the decoder reaches from some embedding",
}

// inversion: what is known is still in the decoder.
func inversion() Criterion {
	return &Gap{Margin: 0.1, attack: "inversion", quantity: InvertedError, name: "forget − test error of the best embedding", words: Words{
		Seeks: Influence,
		Pass:  "no evidence that its decoder reaches forget images better than a retrained model's does, beyond the margin",
		Fail:  "its decoder reaches forget images better than a retrained model's does",
		NoPower: "the original's own decoder reaches forget images as retrained models' do: its memory is not in the decoder, " +
			"or the steps are too few or too many",
	}}
}
