package weights

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestParseForm(t *testing.T) {
	for word, want := range map[string]Form{"bfloat16": 8, "float32": 24, "12": 12, "1": 1, "24": 24} {
		f, err := ParseForm(word)
		require.NoError(t, err)
		assert.Equal(t, want, f)
	}
	for _, word := range []string{"", "float16", "0", "25", "-8", "8.0"} {
		_, err := ParseForm(word)
		assert.ErrorContains(t, err, `canonical is "`+word+`": want bfloat16, or the number of mantissa bits to keep (1 to 24), or float32`)
	}
	assert.Equal(t, "bfloat16 float32 12 bits of mantissa", Form(8).String()+" "+Form(24).String()+" "+Form(12).String())
}

// TestFormBits: rounding to nearest even, bit by bit. The expected bits of bfloat16 follow from IEEE 754's definition of
// the rounding (the first 16 bits of a float32 are its bfloat16).
func TestFormBits(t *testing.T) {
	for _, c := range []struct {
		name      string
		form      Form
		bits, out uint32
	}{
		{"one", 8, 0x3f800000, 0x3f800000},
		{"below the middle goes down", 8, 0x3f807fff, 0x3f800000},
		{"the middle goes to the even one, down", 8, 0x3f808000, 0x3f800000},
		{"above the middle goes up", 8, 0x3f808001, 0x3f810000},
		{"the middle goes to the even one, up", 8, 0x3f818000, 0x3f820000},
		{"negative, away from zero", 8, 0xbf818000, 0xbf820000},
		{"a carry into the exponent", 8, 0x3fffffff, 0x40000000},
		{"a third", 8, 0x3eaaaaab, 0x3eab0000},
		{"twelve bits", 12, 0x3f800fff, 0x3f801000},
		{"twelve bits, the middle", 12, 0x3f800800, 0x3f800000},
		{"one bit: powers of two", 1, 0x3fc00000, 0x40000000},
		{"one bit, below the middle", 1, 0x3fbfffff, 0x3f800000},
		{"all bits", 24, 0x3f807fff, 0x3f807fff},
		{"the largest becomes infinite", 8, 0x7f7fffff, 0x7f800000},
		{"the smallest, too", 8, 0xff7fffff, 0xff800000},
		{"infinity", 8, 0x7f800000, 0x7f800000},
		{"less infinity", 8, 0xff800000, 0xff800000},
		{"NaN", 8, 0x7fc00000, 0x7fc00000},
		{"NaN with a message", 8, 0x7fc12345, 0x7fc00000},
		{"NaN with a message in its low bits alone", 8, 0x7f800001, 0x7fc00000},
		{"negative NaN", 8, 0xffffffff, 0x7fc00000},
		{"zero", 8, 0, 0},
		{"less zero", 8, 0x80000000, 0},
		{"the largest subnormal number", 8, 0x007fffff, 0x00800000},
		{"a subnormal number", 8, 0x00018000, 0x00020000},
		{"the smallest subnormal number", 8, 0x00000001, 0},
		{"less the smallest subnormal number", 8, 0x80000001, 0},
	} {
		got := math.Float32bits(c.form.Of([]float32{math.Float32frombits(c.bits)})[0])
		assert.Equal(t, c.out, got, "%s: %08x gives %08x, not %08x", c.name, c.bits, got, c.out)
	}
}

// TestFormIsTheSameEverywhere holds the rounding of a million numbers of every exponent to their digest.
func TestFormIsTheSameEverywhere(t *testing.T) {
	u := uint32(1)
	values := make([]float32, 1<<20)
	for i := range values {
		u ^= u << 13 // Marsaglia's xorshift
		u ^= u >> 17
		u ^= u << 5
		values[i] = math.Float32frombits(u)
	}
	for form, want := range map[Form]string{
		8:  "89144e8caba9cab768fc814f2d2494dbf9da12b7b5abd8cfa6a0223c476f37c5",
		12: "e015ec9c1808162204b5c86b354dd031a7aa20f0134cfc63d31867abf2cda54f",
	} {
		var b []byte
		for _, x := range form.Of(values) {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
		}
		sum := sha256.Sum256(b)
		assert.Equal(t, want, hex.EncodeToString(sum[:]), form.String())
	}
}

// TestFormProperties: what is rounded stays as it is when it is rounded again, holds nothing in its last bits, lies
// within half a unit of its last place, and keeps the order of numbers; rounding in float64 gives the same.
func TestFormProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		form := Form(rapid.IntRange(1, 23).Draw(t, "bits"))
		draw := func(label string) float32 { return math.Float32frombits(rapid.Uint32().Draw(t, label)) }
		x, y := draw("x"), draw("y")
		once := form.Of([]float32{x, y})
		again := form.Of(once)
		require.Zero(t, Changed(once, again), "%v", once)
		low := uint32(1)<<(24-form) - 1
		for i, v := range once {
			if v == v { // the one NaN has its bit where every form keeps it, but that of one bit
				require.Zero(t, math.Float32bits(v)&low, "%v of %v", v, []float32{x, y}[i])
			}
		}
		if x <= y {
			require.LessOrEqual(t, once[0], once[1])
		}
		if f := math.Abs(float64(x)); f >= 0x1p-126 && f < 0x1p126 {
			require.LessOrEqual(t, math.Abs(float64(once[0])-float64(x)), f*math.Ldexp(1, -int(form)))
			fraction, exp := math.Frexp(float64(x)) // in [½, 1)
			want := math.Ldexp(math.RoundToEven(math.Ldexp(fraction, int(form))), exp-int(form))
			require.Equal(t, float32(want), once[0], "%v", x)
		}
	})
}
