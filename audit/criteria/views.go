package criteria

import "github.com/lethe-audit/lethe/audit"

var viewsEntry = audit.Entry[Criterion]{
	Name: "views", Profile: "standard",
	Doc: "forget images are painted no better than test images in any other form that is tried, beyond what retrained models do",
	New: views,
}

// ViewError is what the attack views leaves.
var ViewError = audit.Quantity{
	Name: "view-error", Head: "view", Unit: "of the mean over test images", Direction: audit.Neutral,
	What: "least error over a family of forms (which, behind the name): of the image turned, inverted, shifted, under another hole",
}

// views: what is known may be known in another form. Each family of forms holds the image as it is as well, so that the
// original shows the power of every comparison itself.
func views() Criterion {
	return &Gap{Margin: 0.3, attack: "views", quantity: ViewError, name: "forget − test error, best of", words: Words{
		Seeks: Influence,
		Pass:  "no evidence that it paints forget images better in another form than a retrained model does, beyond the margin",
		Fail:  "it paints forget images better in some form than a retrained model does",
		NoPower: "the original itself paints forget images as retrained models do, as they are and in other forms: too little " +
			"was memorised, or too few images",
	}}
}
