package criteria

import "github.com/lethe-audit/lethe/audit"

var neighboursEntry = audit.Entry[Criterion]{
	Name: "neighbours", Profile: "quick",
	Doc: "changed copies of forget images are painted no better than those of test images, beyond what retrained models do",
	New: neighbours,
}

// NeighbourError is what the attack neighbours leaves.
var NeighbourError = audit.Quantity{
	Name: "neighbour-error", Head: "near", Unit: "mean squared error", Direction: audit.Neutral,
	What: "error on copies with noise on what is visible (its σ behind the name)",
}

// neighbours: what is known is known in its neighbourhood.
func neighbours() Criterion {
	return &Gap{Margin: 0.2, attack: "neighbours", quantity: NeighbourError, name: "forget − test error on copies with noise", words: Words{
		Seeks:   Influence,
		Pass:    "no evidence that it paints changed copies of forget images better than a retrained model does, beyond the margin",
		Fail:    "it paints changed copies of forget images better than a retrained model does",
		NoPower: "the original itself paints changed copies as retrained models do: its memory is of points, or the change is too large",
	}}
}
