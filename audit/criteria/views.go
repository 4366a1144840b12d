package criteria

import "github.com/lethe-audit/lethe/audit"

var viewsEntry = audit.Entry[Criterion]{
	Name: "views", Profile: "standard",
	Doc: "transformed forget images are painted no better than transformed test images, beyond what retrained models do",
	New: views,
}

// ViewError is what the attack views leaves.
var ViewError = audit.Quantity{
	Name: "view-error", Head: "view", Unit: "mean squared error", Direction: audit.Neutral,
	What: "error on images that were transformed as a whole (how, behind the name)",
}

// views: what is known may be known in another form. The original shows the power on the images as they are.
func views() Criterion {
	return &Gap{Margin: 0.2, attack: "views", quantity: ViewError, name: "forget − test error on images", words: Words{
		Seeks: Influence,
		Pass:  "no evidence that it paints transformed forget images better than a retrained model does, beyond the margin",
		Fail:  "it paints transformed forget images better than a retrained model does",
		NoPower: "the original itself paints forget images as retrained models do, as they are and transformed: too little " +
			"was memorised, or too few images",
	}}
}
