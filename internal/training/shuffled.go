package training

import "math/rand/v2"

// Shuffled cuts a seeded permutation of images into batches of size (at least
// one), a new one for every epoch; the last batch may be smaller.
func Shuffled(images []int, size int, seed uint64) func(epoch int) [][]int {
	size = max(size, 1)
	return func(epoch int) [][]int {
		r := rand.New(rand.NewPCG(seed, uint64(epoch)))
		order := make([]int, len(images))
		for i, p := range r.Perm(len(images)) {
			order[i] = images[p]
		}
		var out [][]int
		for len(order) > 0 {
			n := min(size, len(order))
			out = append(out, order[:n])
			order = order[n:]
		}
		return out
	}
}
