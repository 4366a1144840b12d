package datasets

import "math/rand/v2"

// source gives a picture its own generator, determined by the set's seed, the
// stream (training, test …) and the picture's number alone.
func source(seed, stream, i uint64) *rand.Rand {
	return rand.New(rand.NewPCG(scramble(seed^scramble(stream)), scramble(scramble(stream)+i)))
}

// scramble spreads neighbouring numbers over all 64 bits: the output function of
// SplitMix64 (Steele, Lea & Flood 2014).
func scramble(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// between draws a whole number from lo…hi.
func between(r *rand.Rand, lo, hi int) int { return lo + r.IntN(hi-lo+1) }

// bell draws a whole number of mean 0 and, nearly, standard deviation 1024: the
// sum of four uniform numbers, which needs no logarithm and so gives the same
// bits on every machine.
func bell(r *rand.Rand) int {
	const width = 1773 // 1024·√3, as the sum of four has the variance width²/3
	sum := 0
	for range 4 {
		sum += between(r, -width/2, width/2)
	}
	return sum
}
