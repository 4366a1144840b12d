package compare

import (
	"fmt"
)

// enough is the number of images from which the field reports Fréchet distances; below, their bias is large.
const enough = 10000

// notes says what a reader should know before using the numbers.
func (in *input) notes() []string {
	var out []string
	note := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, s := range []*side{in.real, in.fake} {
		if s.Duplicates > 0 {
			note("%d pictures of the %s side are copies of others, byte for byte", s.Duplicates, s.name)
		}
		if s.Skipped > 0 {
			note("%d files of the %s side are no .jpg, .jpeg or .png and were left out", s.Skipped, s.name)
		}
	}
	if n := shared(in.real.digests, in.fake.digests); n > 0 {
		note("%d pictures of the fake side are also on the real side, byte for byte", n)
	}
	if in.real.Sizes != in.fake.Sizes && in.real.Sizes != "" && in.fake.Sizes != "" {
		note("the sides' pictures have different sizes (%s and %s): if one side was cropped, they show different fields of view",
			in.real.Sizes, in.fake.Sizes)
	}
	if n := min(in.real.N, in.fake.N); n > 0 && n < enough && in.real.moments != nil {
		note("Fréchet distances of %d images are biased upwards: compare only equal numbers of images, or take fd-infinity or kid", n)
	}
	if in.real.N == 0 || in.fake.N == 0 {
		note("a statistics file does not say how many images it is of: the bias of the Fréchet distance is unknown")
	}
	if in.real.features != nil && in.fake.features != nil && in.Extractor == nil {
		note("both sides are features from files: nothing here shows that the same network made them")
	}
	if in.exact > 0 {
		note("%d pairs are identical: psnr has no bound for them and is the mean of the others", in.exact)
	}
	return out
}

func shared(a, b []string) int {
	in := map[string]bool{}
	for _, d := range a {
		in[d] = true
	}
	n := 0
	for _, d := range b {
		if in[d] {
			n++
		}
	}
	return n
}
