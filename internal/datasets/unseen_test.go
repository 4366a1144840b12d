package datasets

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A quarter of the test images, at most so many, is set aside by the seed; every other part stays.
func TestSplitUnseen(t *testing.T) {
	train, test := pair(t, 40, 60)
	rapid.Check(t, func(t *rapid.T) {
		o := ForgetOptions{Kind: "random", Fraction: 0.25, Poisoned: 0.5, Proxy: 0.1, Test: rapid.IntRange(4, 60).Draw(t, "test")}
		seed := rapid.Uint64().Draw(t, "seed")
		plain, none, err := MakeSplit(context.Background(), train, test, o, seed)
		require.NoError(t, err)
		require.Zero(t, none.Counts.Unseen)
		o.Unseen = rapid.IntRange(1, 20).Draw(t, "most")
		s, m, err := MakeSplit(context.Background(), train, test, o, seed)
		require.NoError(t, err)
		require.Len(t, s.Unseen, min(o.Unseen, o.Test/4))
		require.True(t, slices.IsSorted(s.Unseen))
		require.True(t, slices.IsSorted(s.Test))
		require.ElementsMatch(t, plain.Test, slices.Concat(s.Test, s.Unseen), "they come from the test images, and are none of them any more")
		again, _, err := MakeSplit(context.Background(), train, test, o, seed)
		require.NoError(t, err)
		require.Equal(t, s, again)
		require.Equal(t, s, m.Split())
		require.NoError(t, m.check())
		s.Test, s.Unseen = plain.Test, nil
		require.Equal(t, plain, s)
	})
	o := ForgetOptions{Kind: "random", Fraction: 0.25, Unseen: 512}
	one, _ := split(t, train, test, o, 1)
	other, _ := split(t, train, test, o, 2)
	assert.NotEqual(t, one.Unseen, other.Unseen, "the seed chooses")
}

// An unseen image that has a copy among the test images is no unseen one.
func TestSplitUnseenHasNoCopyInTest(t *testing.T) {
	train := newFakes(1, 2, 3, 4)
	test := newFakes(10, 10, 10, 10, 11, 12, 13, 14, 15, 16, 17, 18)
	dropped := 0
	for seed := range uint64(30) {
		s, m := split(t, train, test, ForgetOptions{Kind: "class", Classes: []string{"cat"}, Unseen: 512}, seed)
		for _, i := range s.Unseen {
			for _, k := range s.Test {
				require.NotEqual(t, test.pix[i], test.pix[k], "seed %d", seed)
			}
		}
		require.Len(t, s.Test, 9)
		require.Equal(t, 3, len(s.Unseen)+m.Counts.Dropped.Unseen)
		if m.Counts.Dropped.Unseen > 0 {
			dropped++
			require.Contains(t, m.Warnings[len(m.Warnings)-1], "as copies of test images")
		}
	}
	assert.Positive(t, dropped)
}

func TestSplitTooFewForUnseen(t *testing.T) {
	o := ForgetOptions{Kind: "class", Classes: []string{"cat"}, Unseen: 512}
	_, _, err := MakeSplit(context.Background(), newFakes(1, 2, 3), newFakes(7, 8, 9), o, 1)
	require.ErrorContains(t, err, "3 test images are too few: a method of the plan wants unseen images")
	assert.ErrorContains(t, err, "want at least 4 different test images")
	_, _, err = MakeSplit(context.Background(), newFakes(1, 2, 3), newFakes(7, 7, 7, 7, 7), o, 1)
	require.ErrorContains(t, err, "5 test images are too few")
	o.Unseen = -1
	_, _, err = MakeSplit(context.Background(), newFakes(1, 2, 3), newFakes(7, 8, 9), o, 1)
	require.ErrorContains(t, err, "-1 unseen images asked for")
}

// The manifest keeps the part, reads it back, holds it to the data and to the other parts.
func TestManifestWithUnseen(t *testing.T) {
	train, test := pair(t, 30, 12)
	s, m := split(t, train, test, ForgetOptions{Kind: "random", Fraction: 0.3, Proxy: 0.2, Unseen: 512}, 5)
	require.Len(t, s.Unseen, 3)
	assert.Equal(t, 3, m.Counts.Unseen)
	path := filepath.Join(t.TempDir(), "manifest.json")
	require.NoError(t, m.Write(path))
	back, err := ReadManifest(path)
	require.NoError(t, err)
	assert.Equal(t, m, back)
	assert.Equal(t, s, back.Split())
	require.NoError(t, back.Verify(context.Background(), train, test))
	other, err := Shapes(12, 32, 8, TestStream)
	require.NoError(t, err)
	only := back
	only.Images = slices.DeleteFunc(slices.Clone(back.Images), func(e Entry) bool { return e.Split != "unseen" })
	assert.ErrorContains(t, only.Verify(context.Background(), train, other), "unseen image")

	good := encode(t, m)
	for _, c := range []struct{ name, from, to, want string }{
		{"part", `"split":"unseen"`, `"split":"proxy"`, "out of order"},
		{"count", `"unseen": 3`, `"unseen": 2`, "the counts are not those of the images"},
		{"asked for", `"unseen": 512`, `"unseen": 511`, "changed after it was written"},
	} {
		bad := []byte(strings.Replace(string(good), c.from, c.to, 1))
		require.False(t, bytes.Equal(good, bad), c.name)
		_, err := parseManifest(bad)
		assert.ErrorContains(t, err, c.want, c.name)
	}
	for k, e := range m.Images {
		if e.Split == "unseen" {
			m.Images[k].Index = s.Test[0]
			break
		}
	}
	slices.SortStableFunc(m.Images[len(m.Images)-3:], func(a, b Entry) int { return a.Index - b.Index })
	assert.ErrorContains(t, m.check(), "is both judged on and set aside as unseen")
}
