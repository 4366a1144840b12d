package weights

import (
	"fmt"
	"math"
	"strconv"
)

// A Form is how many of a float32's 24 mantissa bits are kept of weights that were handed in, the implicit leading one
// among them: 8 are bfloat16's, 24 all that there are.
//
// Nothing that runs a model sees the low bits of its weights, and they have room: 12 bits of every weight hold a whole
// other model. What is rounded holds nothing there, whoever wrote it.
type Form int

// The forms with names.
const (
	BFloat16 Form = 8
	Float32  Form = 24
)

// A Rounding is a form as a plan names it.
type Rounding string

// Form is the form that is named.
func (r Rounding) Form() (Form, error) { return ParseForm(string(r)) }

// ParseForm reads a form: bfloat16, float32, or a number of bits.
func ParseForm(word string) (Form, error) {
	switch word {
	case "bfloat16":
		return BFloat16, nil
	case "float32":
		return Float32, nil
	}
	n, err := strconv.Atoi(word)
	if err != nil || n < 1 || n > int(Float32) {
		return 0, fmt.Errorf("canonical is %q: want bfloat16, or the number of mantissa bits to keep (1 to 24), or float32 for the "+
			"weights as they were handed in", word)
	}
	return Form(n), nil
}

// String is "bfloat16", "float32" or "12 bits of mantissa".
func (f Form) String() string {
	switch f {
	case BFloat16:
		return "bfloat16"
	case Float32:
		return "float32"
	}
	return fmt.Sprintf("%d bits of mantissa", int(f))
}

const (
	infinity = 0x7f800000
	quiet    = 0x7fc00000
)

// Of are values in the form: each rounded to the nearest, of two as near to the one that is even. For 8 bits it is what
// PyTorch's x.bfloat16().float() gives, but that every NaN becomes the same one and −0 becomes 0, whose bits are room as
// well. Subnormal numbers are rounded at the same place as all others; what lies beyond the largest number of the form
// becomes infinite. Whole numbers alone are computed with, so that it is the same to the bit everywhere. Of(Of(v)) is
// Of(v). [Float32] changes nothing.
func (f Form) Of(values []float32) []float32 {
	out := make([]float32, len(values))
	if f == Float32 {
		copy(out, values)
		return out
	}
	drop := int(Float32 - f)
	for i, x := range values {
		out[i] = math.Float32frombits(rounded(math.Float32bits(x), drop))
	}
	return out
}

// rounded is a float32's bits with some of the last taken away.
func rounded(u uint32, drop int) uint32 {
	switch magnitude := u &^ (1 << 31); {
	case magnitude > infinity:
		return quiet
	case magnitude == infinity:
		return u
	}
	last := u >> drop & 1                             // of those that stay
	u = (u + 1<<(drop-1) - 1 + last) &^ (1<<drop - 1) // a carry goes on into the exponent, as it must
	if u == 1<<31 {
		return 0
	}
	return u
}

// Changed is in how many places two vectors differ in any bit.
func Changed(a, b []float32) (n int) {
	for i := range a {
		if math.Float32bits(a[i]) != math.Float32bits(b[i]) {
			n++
		}
	}
	return n
}
