package datasets

import (
	"fmt"
	"slices"
)

// setAside moves a quarter of the split's test images, at most o.Unseen, to its unseen ones, by chance. One that equals
// an image left in the test set is dropped: whoever sees it sees what it is judged on.
func (o ForgetOptions) setAside(s *Split, d *Dropped, hash map[int]content, seed uint64) error {
	if o.Unseen == 0 {
		return nil
	}
	n := min(o.Unseen, len(s.Test)/4)
	chosen := chooseImages(generator(seed, "unseen"), s.Test, n)
	aside, judged := toSet(chosen), map[content]bool{}
	rest := slices.DeleteFunc(slices.Clone(s.Test), func(i int) bool { return aside[i] })
	for _, i := range rest {
		judged[hash[i]] = true
	}
	unseen := slices.DeleteFunc(chosen, func(i int) bool { return judged[hash[i]] })
	if len(unseen) == 0 {
		return fmt.Errorf("%d test images are too few: a method of the plan wants unseen images, a quarter of the test images "+
			"is set aside for it, and %d of these %d are copies of others; "+
			"want at least 4 different test images, or give the method what it would find on unseen ones (joint: bound, decouple: "+
			"lambda)", len(s.Test), n, n)
	}
	d.Unseen = n - len(unseen)
	s.Test, s.Unseen = rest, unseen
	return nil
}
