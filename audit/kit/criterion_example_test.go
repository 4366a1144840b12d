package kit_test

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/kit"
)

func newShownGap() kit.Criterion {
	return kit.NewGap(0.2, kit.Judged{
		Attack: "own/shown", Quantity: shownError, Name: "forget − test error after one showing",
		Words: kit.Words{
			Seeks:   kit.Influence,
			Pass:    "no evidence that forget images come back when they are shown once, beyond the margin",
			Fail:    "forget images come back when they are shown once",
			NoPower: "even the original's do not come back: it memorised too little",
		},
	})
}

// Most attacks are judged by a gap between forget and test images, beyond that of retrained models.
func Example_criterion() {
	e := audit.Entry[kit.Criterion]{
		Name: "own/shown",
		Doc:  "forget images come back no faster than test images",
		New:  newShownGap,
	}
	_, attacks := e.New().Needs()
	fmt.Println(attacks, e.New().Control())
	// Output: [own/shown] original
}
