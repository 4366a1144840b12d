package audit_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/audit"
)

// Digests and seeds are in stored results and in every cell's key: they must not
// change. The first is FIPS 180-4's example; the seeds are Python's hashlib's.
func TestDigestsAndSeedsAreStable(t *testing.T) {
	assert.Equal(t, audit.Digest("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"), audit.DigestBytes([]byte("abc")))
	assert.Equal(t, "ba7816bf8f01", audit.DigestBytes([]byte("abc")).Short())
	assert.Equal(t, "ab", audit.Digest("ab").Short())
	d, err := audit.DigestJSON(map[string]any{"b": 1, "a": []int{2}})
	require.NoError(t, err)
	assert.Equal(t, audit.DigestBytes([]byte(`{"a":[2],"b":1}`)), d)
	_, err = audit.DigestJSON(func() {})
	assert.ErrorContains(t, err, "digest: ")

	assert.Equal(t, uint64(0x7a0b81a1f57055af), audit.Seed(0))
	assert.Equal(t, uint64(0xe040fba309180a76), audit.Seed(1, "method", "decouple"))
}

// Purposes do not run into each other, and every one of them counts.
func TestSeedsDiffer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.Uint64().Draw(t, "base")
		p := rapid.SliceOfN(rapid.String(), 0, 4).Draw(t, "purposes")
		q := rapid.SliceOfN(rapid.String(), 0, 4).Draw(t, "others")
		if same := audit.Seed(base, p...) == audit.Seed(base, q...); same != slices.Equal(p, q) {
			t.Fatalf("%q and %q: the same seed is %v", p, q, same)
		}
		if audit.Seed(base, p...) == audit.Seed(base+1, p...) {
			t.Fatal("the base does not count")
		}
	})
	assert.NotEqual(t, audit.Seed(1, "ab", "c"), audit.Seed(1, "a", "bc"))
	assert.NotEqual(t, audit.Seed(1, "a"), audit.Seed(1, "a", ""))
}

type thing struct{ N int }

func TestSet(t *testing.T) {
	s := audit.Set[*thing]{{Name: "one", New: func() *thing { return &thing{1} }}, {Name: "two", New: func() *thing { return &thing{2} }}}
	assert.Equal(t, []string{"one", "two"}, s.Names())
	v, err := s.New("two")
	require.NoError(t, err)
	assert.Equal(t, 2, v.N)
	v.N = 9
	again, err := s.New("two")
	require.NoError(t, err)
	assert.Equal(t, 2, again.N, "defaults are nobody's to change")
	_, err = s.New("three")
	assert.EqualError(t, err, `unknown name "three": want one of one, two`)
}

func TestItemName(t *testing.T) {
	assert.Equal(t, "decouple", audit.Item{Kind: "decouple"}.Name())
	assert.Equal(t, "ours", audit.Item{Kind: "decouple", As: "ours"}.Name())
}
