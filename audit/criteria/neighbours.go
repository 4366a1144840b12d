package criteria

// neighbours: what is known is known in its neighbourhood.
func neighbours() Criterion {
	return &Gap{Margin: 0.2, attack: "neighbours", quantity: "neighbour-error", name: "forget − test error on copies with noise", words: Words{
		Pass:    "no evidence that it paints changed copies of forget images better than a retrained model does, beyond the margin",
		Fail:    "it paints changed copies of forget images better than a retrained model does",
		NoPower: "the original itself paints changed copies as retrained models do: its memory is of points, or the change is too large",
	}}
}
