package datasets

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func split(t testing.TB, train, test Set, o ForgetOptions, seed uint64) (Split, Manifest) {
	t.Helper()
	s, m, err := MakeSplit(context.Background(), train, test, o, seed)
	require.NoError(t, err)
	return s, m
}

func TestSplitRandom(t *testing.T) {
	train, test := pair(t, 100, 40)
	o := ForgetOptions{Kind: "random", Fraction: 0.25, Poisoned: 0.5, Train: 80, Test: 30}
	s, m := split(t, train, test, o, 1)
	assert.Equal(t, []int{60, 20, 10, 30}, []int{len(s.Retain), len(s.Forget), len(s.Poisoned), len(s.Test)})
	assert.Equal(t, Counts{Retain: 60, Forget: 20, Poisoned: 10, Test: 30}, m.Counts)
	assert.Empty(t, m.Warnings)
	assert.Equal(t, s, m.Split())

	again, same := split(t, train, test, o, 1)
	assert.Equal(t, s, again)
	assert.Equal(t, m, same)
	other, _ := split(t, train, test, o, 2)
	assert.NotEqual(t, s, other)
	o.Test = 5
	fewer, _ := split(t, train, test, o, 1)
	assert.Equal(t, s.Forget, fewer.Forget, "fewer test images choose no other forget set")
}

func TestSplitParts(t *testing.T) {
	train, test := pair(t, 60, 20)
	rapid.Check(t, func(t *rapid.T) {
		o := ForgetOptions{
			Kind: "random", Fraction: rapid.Float64Range(0.1, 0.9).Draw(t, "fraction"),
			Poisoned: rapid.Float64Range(0, 1).Draw(t, "poisoned"),
			Train:    rapid.IntRange(10, 60).Draw(t, "train"), Test: rapid.IntRange(1, 20).Draw(t, "test"),
		}
		s, m, err := MakeSplit(context.Background(), train, test, o, rapid.Uint64().Draw(t, "seed"))
		require.NoError(t, err)
		all := slices.Concat(s.Retain, s.Forget)
		slices.Sort(all)
		require.Len(t, slices.Compact(all), o.Train, "retain and forget are disjoint and use all images taken")
		require.Len(t, s.Test, o.Test)
		require.Subset(t, s.Forget, s.Poisoned)
		for _, part := range [][]int{s.Retain, s.Forget, s.Poisoned, s.Test} {
			require.True(t, slices.IsSorted(part))
		}
		require.NoError(t, m.check())
	})
}

func TestSplitClass(t *testing.T) {
	train, test := pair(t, 100, 40)
	s, _ := split(t, train, test, ForgetOptions{Kind: "class", Classes: []string{"ring", "0"}}, 1)
	for _, i := range s.Forget {
		assert.Contains(t, []string{"ring", "disc"}, train.Classes()[train.Label(i)])
	}
	for _, i := range s.Retain {
		assert.NotContains(t, []string{"ring", "disc"}, train.Classes()[train.Label(i)])
	}
	assert.Empty(t, s.Poisoned)
	// A name goes before a number: the third class is called 7, and there is no number 7.
	fs, _ := split(t, newFakes(1, 2, 3, 4), newFakes(9), ForgetOptions{Kind: "class", Classes: []string{"7"}}, 1)
	assert.Equal(t, []int{2}, fs.Forget)
}

func TestSplitList(t *testing.T) {
	train, test := newFakes(1, 2, 3, 4, 5, 6), newFakes(9)
	file := filepath.Join(t.TempDir(), "forget.txt")
	write(t, file, []byte("# by number\n 5 \n\n  # by name\ntrain/7/b c.pnga\r\na.pngb\n5\n./train/7/b c.pnga"))
	_, _, err := MakeSplit(context.Background(), train, test, ForgetOptions{Kind: "list", File: file}, 1)
	assert.ErrorContains(t, err, file+`:6: several training images are called "a.pngb"; write more of the path`)

	write(t, file, []byte("# by number\n 5 \n\n  # by name\ntrain/7/b c.pnga\r\ncat/a.pngb\n5\n./train/7/b c.pnga"))
	s, m := split(t, train, test, ForgetOptions{Kind: "list", File: file}, 1)
	assert.Equal(t, []int{2, 3, 5}, s.Forget)
	assert.Equal(t, []int{0, 1, 4}, s.Retain)
	assert.Equal(t, "forget.txt", m.Forget.File, "no path of this machine")

	for seed := range uint64(5) {
		s, _ := split(t, train, test, ForgetOptions{Kind: "list", File: file, Train: 4}, seed)
		assert.Equal(t, []int{2, 3, 5}, s.Forget, "listed images are always taken")
		assert.Len(t, s.Retain, 1)
	}
}

// Copies: 1 is forgotten; its copy in retain and test must go, and a retained
// image's copy in test too.
func TestSplitDropsCopies(t *testing.T) {
	train, test := newFakes(1, 1, 2, 2, 3), newFakes(1, 2, 8, 8)
	file := filepath.Join(t.TempDir(), "f")
	write(t, file, []byte("0"))
	s, m := split(t, train, test, ForgetOptions{Kind: "list", File: file}, 1)
	assert.Equal(t, Split{Retain: []int{2, 3, 4}, Forget: []int{0}, Test: []int{2, 3}}, s)
	assert.Equal(t, Dropped{Retain: 1, Test: 2}, m.Counts.Dropped)
	assert.Equal(t, []string{"dropped from retain: 1, as copies of images to forget",
		"dropped from test: 2, as copies of training images"}, m.Warnings)

	// A copy that was dropped from retain still counts as training content.
	write(t, file, []byte("1"))
	_, _, err := MakeSplit(context.Background(), newFakes(1, 1), test, ForgetOptions{Kind: "list", File: file}, 1)
	assert.ErrorContains(t, err, "0 images to retain")
	_, _, err = MakeSplit(context.Background(), newFakes(1, 2, 8), newFakes(1, 2, 8), ForgetOptions{Kind: "list", File: file}, 1)
	assert.ErrorContains(t, err, "0 test images are left after dropping 0 and 3 copies")
}

// TestSplitProxies: proxies are neither trained on nor tested, and no copy of what is.
func TestSplitProxies(t *testing.T) {
	train, test := pair(t, 100, 40)
	o := ForgetOptions{Kind: "random", Fraction: 0.2, Proxy: 0.25}
	s, m := split(t, train, test, o, 1)
	assert.Equal(t, []int{60, 20, 20, 40}, []int{len(s.Retain), len(s.Forget), len(s.Proxy), len(s.Test)})
	all := slices.Concat(s.Retain, s.Forget, s.Proxy)
	slices.Sort(all)
	assert.Len(t, slices.Compact(all), 100)
	assert.Equal(t, s, m.Split())
	assert.Equal(t, 20, m.Counts.Proxy)
	o.Proxy = 0
	without, _ := split(t, train, test, o, 1)
	assert.Equal(t, without.Forget, s.Forget, "proxies choose no other forget set")

	s, m = split(t, train, test, ForgetOptions{Kind: "class", Classes: []string{"0-1"}, ProxyClasses: []string{"ring", "5-9"}}, 1)
	aside := map[int]bool{}
	for _, i := range s.Proxy {
		aside[train.Label(i)] = true
	}
	assert.NotEmpty(t, aside)
	for _, i := range s.Retain {
		assert.False(t, aside[train.Label(i)])
	}
	for _, i := range s.Test {
		assert.False(t, aside[test.Label(i)], "their classes are not tested")
	}
	require.NoError(t, m.check())

	few, _ := split(t, train, test, ForgetOptions{Kind: "class", Classes: []string{"0-1"}, ProxyClasses: []string{"ring",
		"5-9"}, ProxyPerClass: 2}, 1)
	assert.Equal(t, s.Retain, few.Retain)
	assert.Equal(t, s.Forget, few.Forget)
	assert.Len(t, few.Proxy, 2*len(aside))
	assert.Subset(t, s.Proxy, few.Proxy)

	// Classes cat, dog and 7 in turn; picture 5 is a proxy and a copy of picture 0.
	s, m = split(t, newFakes(1, 2, 3, 4, 5, 1), newFakes(8, 3), ForgetOptions{Kind: "class", Classes: []string{"dog"},
		ProxyClasses: []string{"7"}}, 1)
	assert.Equal(t, Split{Retain: []int{0, 3}, Forget: []int{1, 4}, Proxy: []int{2}, Test: []int{0}}, s)
	assert.Equal(t, 1, m.Counts.Dropped.Proxy)
	assert.Contains(t, m.Warnings, "dropped from proxies: 1, as copies of training images")
}

func TestSplitRefuses(t *testing.T) {
	train, test := pair(t, 20, 5)
	dir := t.TempDir()
	list := func(text string) string {
		f := filepath.Join(dir, "forget.txt")
		write(t, f, []byte(text))
		return f
	}
	for _, c := range []struct {
		name string
		o    func() ForgetOptions
		want string
	}{
		{"no kind", func() ForgetOptions { return ForgetOptions{} }, "choose random, class or list"},
		{"no fraction", func() ForgetOptions { return ForgetOptions{Kind: "random"} }, "forget fraction is 0"},
		{"fraction one", func() ForgetOptions { return ForgetOptions{Kind: "random", Fraction: 1} }, "forget fraction is 1"},
		{"fraction not a number", func() ForgetOptions { return ForgetOptions{Kind: "random", Fraction: math.NaN()} }, "forget fraction is NaN"},
		{"too small a fraction", func() ForgetOptions { return ForgetOptions{Kind: "random", Fraction: 0.01} }, "the forget set is empty"},
		{"too large a fraction", func() ForgetOptions { return ForgetOptions{Kind: "random", Fraction: 0.99} }, "the forget set is everything"},
		{"no class", func() ForgetOptions { return ForgetOptions{Kind: "class"} }, "no class is named"},
		{"unknown class", func() ForgetOptions { return ForgetOptions{Kind: "class", Classes: []string{"dog"}} },
			`unknown class "dog": choose a number from 0 to 9, a range as 0-9, or one of disc, square`},
		{"class number", func() ForgetOptions { return ForgetOptions{Kind: "class", Classes: []string{"10"}} }, `unknown class "10"`},
		{"every class", func() ForgetOptions { return ForgetOptions{Kind: "class", Classes: shapeNames} }, "the forget set is everything"},
		{"poisoned", func() ForgetOptions { return ForgetOptions{Kind: "random", Fraction: 0.5, Poisoned: 1.1} }, "poisoned share is 1.1"},
		{"proxy share", func() ForgetOptions { return ForgetOptions{Kind: "random", Fraction: 0.5, Proxy: 1} }, "proxy share is 1"},
		{"proxy twice", func() ForgetOptions {
			return ForgetOptions{Kind: "random", Fraction: 0.5, Proxy: 0.1, ProxyClasses: []string{"disc"}}
		}, "choose one"},
		{"proxies of no class", func() ForgetOptions { return ForgetOptions{Kind: "random", Fraction: 0.5, ProxyPerClass: 3} },
			"proxyPerClass is 3"},
		{"no proxy", func() ForgetOptions { return ForgetOptions{Kind: "random", Fraction: 0.5, Proxy: 0.01} }, "leaves no proxy"},
		{"unknown proxy class", func() ForgetOptions {
			return ForgetOptions{Kind: "random", Fraction: 0.5, ProxyClasses: []string{"dog"}}
		}, `proxy: unknown class "dog"`},
		{"too many train", func() ForgetOptions { return ForgetOptions{Kind: "random", Fraction: 0.5, Train: 21} },
			"21 training images asked for, shapes has 20"},
		{"too many test", func() ForgetOptions { return ForgetOptions{Kind: "random", Fraction: 0.5, Test: 6} },
			"6 test images asked for, shapes has 5"},
		{"negative", func() ForgetOptions { return ForgetOptions{Kind: "random", Fraction: 0.5, Test: -1} }, "0 takes all"},
		{"no list", func() ForgetOptions { return ForgetOptions{Kind: "list"} }, "no file is named"},
		{"missing list", func() ForgetOptions { return ForgetOptions{Kind: "list", File: filepath.Join(dir, "none")} }, "no such file"},
		{"empty list", func() ForgetOptions { return ForgetOptions{Kind: "list", File: list("# nothing\n")} }, "the forget set is empty"},
		{"unknown name", func() ForgetOptions { return ForgetOptions{Kind: "list", File: list("1\ncat.jpg\n")} },
			`forget.txt:2: no training image of shapes is called "cat.jpg"`},
		{"unknown number", func() ForgetOptions { return ForgetOptions{Kind: "list", File: list("20")} },
			"forget.txt:1: there is no training image 20; shapes has 0 to 19"},
		{"negative number", func() ForgetOptions { return ForgetOptions{Kind: "list", File: list("-1")} },
			"forget.txt:1: there is no training image -1"},
		{"longer than train", func() ForgetOptions { return ForgetOptions{Kind: "list", File: list("1\n2\n3"), Train: 2} },
			"lists 3 images to forget, more than the 2"},
		{"endless line", func() ForgetOptions {
			return ForgetOptions{Kind: "list", File: list("1\n" + string(make([]byte, 1<<17)))}
		}, "forget.txt:2: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, m, err := MakeSplit(context.Background(), train, test, c.o(), 1)
			assert.ErrorContains(t, err, c.want)
			assert.ErrorContains(t, err, "split shapes: ")
			assert.Empty(t, s)
			assert.Empty(t, m)
		})
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, _, err := MakeSplit(ctx, train, test, ForgetOptions{Kind: "random", Fraction: 0.5}, 1)
	assert.ErrorIs(t, err, context.Canceled)
}

func TestSplitNamesUnreadablePictures(t *testing.T) {
	dir := photos(t)
	bad := filepath.Join(dir, "train", "cat", "a.png")
	require.NoError(t, os.WriteFile(bad, []byte("broken"), 0o644))
	train, test, err := ImageFolder(dir, 8, FolderOptions{})
	require.NoError(t, err)
	_, _, err = MakeSplit(context.Background(), train, test, ForgetOptions{Kind: "class", Classes: []string{"dog"}}, 1)
	assert.ErrorContains(t, err, bad)
}

func TestSplitOfFolderByName(t *testing.T) {
	train, test, err := ImageFolder(photos(t), 8, FolderOptions{})
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "forget.txt")
	write(t, file, []byte("dog/2.JPG\n"))
	s, m := split(t, train, test, ForgetOptions{Kind: "list", File: file}, 1)
	assert.Equal(t, []int{3}, s.Forget)
	assert.Equal(t, "train/dog/2.JPG", m.Images[3].Name)
}
