package secret

import (
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
)

// count is the secret 00 01 02 … 1f.
func count() []byte {
	b := make([]byte, Least)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

// TestVectors: values of Python 3.11's hashlib and hmac.
func TestVectors(t *testing.T) {
	assert.Equal(t, audit.Digest("a686528fdadb3668c94693445f4b5d7925e14ceda27ffa63328f447a38bf88a7"), Commit(count()))
	k := &Key{count()}
	seed, err := hex.DecodeString("36ca0b187a8ec3f70a00bf56952f2031085746a17b2e53c44f2996c976ba0a8e")
	require.NoError(t, err)
	want := rand.New(rand.NewChaCha8([32]byte(seed)))
	got := k.For(audit.Digest(strings.Repeat("ab", 32))).Noise("ascent 1", "7")
	for range 100 {
		assert.Equal(t, want.Uint64(), got.Uint64())
	}
}

// Every secret, model and purpose has a noise of its own, and always the same.
func TestNoiseIsOfItsPurpose(t *testing.T) {
	last := count()
	last[31]++
	one, other := &Key{count()}, &Key{last}
	seen := map[uint64]string{}
	for name, draw := range map[string]func() *rand.Rand{
		"one":                         func() *rand.Rand { return one.For("a").Noise("x", "1") },
		"another secret":              func() *rand.Rand { return other.For("a").Noise("x", "1") },
		"another model":               func() *rand.Rand { return one.For("b").Noise("x", "1") },
		"another purpose":             func() *rand.Rand { return one.For("a").Noise("y", "1") },
		"another step":                func() *rand.Rand { return one.For("a").Noise("x", "2") },
		"purposes run together":       func() *rand.Rand { return one.For("a").Noise("x1") },
		"purposes divided otherwise":  func() *rand.Rand { return one.For("a").Noise("", "x1") },
		"the secret without a model":  func() *rand.Rand { return one.Noise("x", "1") },
		"a model of a model":          func() *rand.Rand { return one.For("a").For("a").Noise("x", "1") },
		"what another use would hash": func() *rand.Rand { return one.Noise(model, "a") },
	} {
		v := draw().Uint64()
		assert.Equal(t, v, draw().Uint64(), name)
		assert.Empty(t, seen[v], name)
		seen[v] = name
	}
}

// The mean and variance of a million normal numbers: within five standard errors.
func TestNoiseIsNormal(t *testing.T) {
	const n = 1_000_000
	r := (&Key{count()}).Noise("moments")
	var sum, squares float64
	for range n {
		v := r.NormFloat64()
		sum, squares = sum+v, squares+v*v
	}
	assert.InDelta(t, 0, sum/n, 5/math.Sqrt(n))
	assert.InDelta(t, 1, squares/n, 5*math.Sqrt(2./n))
}

func TestKeyDoesNotPrint(t *testing.T) {
	k := &Key{[]byte("the very secret bytes of this test")}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		assert.Contains(t, fmt.Sprintf(format, k), "a secret", format)
	}
	assert.NotContains(t, fmt.Sprintf("%v %+v", struct{ K *Key }{k}, []*Key{k}), "very secret")
}
