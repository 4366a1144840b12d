package datasets

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/golden"
	"github.com/lethe-audit/lethe/internal/pixels"
)

// photo is a small picture that differs with k, as PNG or JPEG.
func photo(t testing.TB, w, h, k int, format string) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, color.NRGBA{uint8(x * 7), uint8(y * 9), uint8(k * 20), 255})
		}
	}
	var b bytes.Buffer
	if format == "png" {
		require.NoError(t, png.Encode(&b, m))
	} else {
		require.NoError(t, jpeg.Encode(&b, m, nil))
	}
	return b.Bytes()
}

func photos(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for k, name := range []string{"train/cat/b.PNG", "train/cat/a.png", "train/dog/1.jpeg", "train/dog/2.JPG", "val/dog/9.png"} {
		format := "png"
		if k == 2 || k == 3 {
			format = "jpeg"
		}
		write(t, filepath.Join(dir, name), photo(t, 20+k, 15, k, format))
	}
	write(t, filepath.Join(dir, "train", "cat", ".hidden.png"), []byte("x"))
	write(t, filepath.Join(dir, "train", "cat", "notes.txt"), []byte("x"))
	write(t, filepath.Join(dir, "train", "cat", "deeper", "c.png"), []byte("x"))
	write(t, filepath.Join(dir, "train", ".git", "c.png"), []byte("x"))
	write(t, filepath.Join(dir, "train", "list.txt"), []byte("x"))
	return dir
}

func TestImageFolder(t *testing.T) {
	dir := photos(t)
	train, test, err := ImageFolder(dir, 8, FolderOptions{})
	require.NoError(t, err)
	assert.Equal(t, []int{4, 1}, []int{train.Len(), test.Len()})
	var names []string
	for i := range train.Len() {
		names = append(names, fmt.Sprint(NameOf(train, i), " ", train.Label(i)))
	}
	assert.Equal(t, []string{"train/cat/a.png 0", "train/cat/b.PNG 0", "train/dog/1.jpeg 1", "train/dog/2.JPG 1"}, names)
	assert.Equal(t, []string{"cat", "dog"}, train.Classes())
	assert.Equal(t, 1, test.Label(0), "a class that testing lacks keeps its number")
	c, h, w := train.Shape()
	assert.Equal(t, [3]int{3, 8, 8}, [3]int{c, h, w})

	m, err := pixels.Decoder{}.DecodeFile(filepath.Join(dir, "train/dog/1.jpeg"), 0)
	require.NoError(t, err)
	m, err = pixels.Square(m, 8, pixels.Bicubic)
	require.NoError(t, err)
	want := make([]float32, 3*64)
	require.NoError(t, pixels.ToFloat(want, m))
	assert.Equal(t, want, read(t, train, 2))
}

// Two decoders make two data sets, even where their pixels happen to agree; PNG needs no decoder's name.
func TestImageFolderIsNamedAfterItsDecoder(t *testing.T) {
	dir := photos(t)
	digest := func(d pixels.Decoder) string {
		train, test, err := ImageFolder(dir, 8, FolderOptions{Decoder: d})
		require.NoError(t, err)
		assert.Equal(t, fmt.Sprintf("imagefolder (%s)", d), train.Name())
		assert.Equal(t, train.Name(), test.Name(), "one name, though the test part is PNG only")
		_, m := split(t, train, test, ForgetOptions{Kind: "random", Fraction: 0.5}, 1)
		assert.Equal(t, train.Name(), m.Data)
		sum, err := m.Digest()
		require.NoError(t, err)
		return string(sum)
	}
	golang, err := pixels.ParseDecoder("go")
	require.NoError(t, err)
	want := digest(golang)
	assert.Equal(t, want, digest(golang))
	if turbo, err := pixels.ParseDecoder("turbo"); err == nil {
		assert.NotEqual(t, want, digest(turbo))
	}
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "train", "dog")))
	write(t, filepath.Join(dir, "train", "dog", "1.png"), photo(t, 9, 9, 1, "png"))
	train, _, err := ImageFolder(dir, 8, FolderOptions{Decoder: golang})
	require.NoError(t, err)
	assert.Equal(t, "imagefolder", train.Name())
}

func TestImageFolderDoesNotDependOnWorkersOrCache(t *testing.T) {
	dir := photos(t)
	idx := []int{3, 0, 1, 2, 2, 0, 3}
	var want []float32
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, procs := range []int{1, 2, 4} {
		runtime.GOMAXPROCS(procs)
		for _, budget := range []int64{0, -1, 3 * 64, 500} {
			s, _, err := ImageFolder(dir, 8, FolderOptions{CacheBytes: budget})
			require.NoError(t, err)
			for range 2 {
				x := read(t, s, idx...)
				if want == nil {
					want = x
				}
				require.Equal(t, want, x)
			}
			held := 0
			f, ok := s.(*folder)
			require.True(t, ok)
			for _, p := range f.cached {
				held += len(p)
			}
			if budget == 0 {
				assert.Equal(t, 4*3*64, held)
			} else {
				assert.LessOrEqual(t, int64(held), max(0, budget))
			}
			a, err := s.Hash(1)
			require.NoError(t, err)
			b, err := s.Hash(1)
			require.NoError(t, err)
			assert.Equal(t, a, b)
		}
	}
}

// TestImageFolderChooses: classes by name, number and range keep their numbers, so many of each are those of the lowest
// hash, and one more picture displaces one at most.
func TestImageFolderChooses(t *testing.T) {
	dir := t.TempDir()
	add := func(part, class string, n int) {
		for k := range n {
			write(t, filepath.Join(dir, part, class, fmt.Sprintf("%d.png", k)), photo(t, 9, 9, k, "png"))
		}
	}
	for _, class := range []string{"ant", "bee", "cow", "dog"} {
		add("train", class, 6)
		add("val", class, 3)
	}
	names := func(s Set) (out []string) {
		for i := range s.Len() {
			out = append(out, NameOf(s, i))
		}
		return out
	}
	train, test, err := ImageFolder(dir, 8, FolderOptions{Classes: []string{"dog", "1-2"}, PerClass: 4, TestPerClass: 2})
	require.NoError(t, err)
	count := map[string]int{}
	for i := range train.Len() {
		count[train.Classes()[train.Label(i)]]++
	}
	assert.Equal(t, map[string]int{"bee": 4, "cow": 4, "dog": 4}, count)
	assert.Equal(t, 6, test.Len())
	before := names(train)
	assert.True(t, slices.IsSorted(before))
	other, _, err := ImageFolder(dir, 8, FolderOptions{Classes: []string{"1-3"}, PerClass: 4, Seed: 5})
	require.NoError(t, err)
	assert.NotEqual(t, before, names(other), "the seed chooses")
	write(t, filepath.Join(dir, "train", "bee", "new.png"), photo(t, 9, 9, 99, "png"))
	again, _, err := ImageFolder(dir, 8, FolderOptions{Classes: []string{"1-3"}, PerClass: 4})
	require.NoError(t, err)
	gone := slices.DeleteFunc(before, func(n string) bool { return slices.Contains(names(again), n) })
	assert.LessOrEqual(t, len(gone), 1)
	for _, c := range []string{"cat", "3-2", "2-4", "-1", "1-"} {
		_, _, err := ImageFolder(dir, 8, FolderOptions{Classes: []string{c}})
		assert.ErrorContains(t, err, fmt.Sprintf("unknown class %q: choose a number from 0 to 3, a range as 0-3, or one of ant", c))
	}
}

func TestImageFolderHoldOut(t *testing.T) {
	dir := t.TempDir()
	for k := range 40 {
		write(t, filepath.Join(dir, fmt.Sprintf("c%d", k%2), fmt.Sprintf("%02d.png", k)), photo(t, 9, 9, k, "png"))
	}
	names := func(s Set) (out []string) {
		for i := range s.Len() {
			out = append(out, NameOf(s, i))
		}
		return out
	}
	train, test, err := ImageFolder(dir, 8, FolderOptions{HoldOut: 0.3})
	require.NoError(t, err)
	assert.Equal(t, 40, train.Len()+test.Len())
	assert.InDelta(t, 12, test.Len(), 8)
	before := names(test)
	_, other, err := ImageFolder(dir, 8, FolderOptions{HoldOut: 0.3, Seed: 1})
	require.NoError(t, err)
	assert.NotEqual(t, before, names(other))

	write(t, filepath.Join(dir, "c0", "new.png"), photo(t, 9, 9, 99, "png"))
	_, test, err = ImageFolder(dir, 8, FolderOptions{HoldOut: 0.3})
	require.NoError(t, err)
	assert.Subset(t, names(test), before, "a new picture moves no other")
}

func TestImageFolderRefuses(t *testing.T) {
	ok := photo(t, 9, 9, 1, "png")
	one := map[string][]byte{"train/a/1.png": ok, "val/a/1.png": ok}
	for _, c := range []struct {
		name  string
		files map[string][]byte
		size  int
		o     FolderOptions
		want  string
	}{
		{"empty folder", map[string][]byte{"notes.txt": nil}, 8, FolderOptions{}, "holds no class folders"},
		{"train without val", map[string][]byte{"train/a/1.png": ok}, 8, FolderOptions{}, "holds train, but neither val nor test"},
		{"class without pictures", map[string][]byte{"train/a/1.png": ok, "train/b/1.txt": ok, "val/a/1.png": ok}, 8,
			FolderOptions{}, "holds no pictures"},
		{"foreign class", map[string][]byte{"train/a/1.png": ok, "val/z/1.png": ok}, 8, FolderOptions{}, `the class "z" is not among`},
		{"empty val", map[string][]byte{"train/a/1.png": ok, "val/x.txt": ok}, 8, FolderOptions{}, "holds no class folders"},
		{"size", one, 0, FolderOptions{}, "size 0; choose"},
		{"share", one, 8, FolderOptions{HoldOut: 1.5}, "hold out 1.5"},
		{"nothing held out", map[string][]byte{"a/1.png": ok}, 8, FolderOptions{}, "leaves no training or no test picture"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, b := range c.files {
				write(t, filepath.Join(dir, name), b)
			}
			_, _, err := ImageFolder(dir, c.size, c.o)
			assert.ErrorContains(t, err, c.want)
		})
	}
	_, _, err := ImageFolder(filepath.Join(t.TempDir(), "none"), 8, FolderOptions{})
	assert.ErrorIs(t, err, os.ErrNotExist)
	assert.ErrorContains(t, err, "give the folder")
}

func TestImageFolderNamesBadPictures(t *testing.T) {
	dir := photos(t)
	good := photo(t, 9, 9, 1, "jpeg")
	for name, b := range map[string][]byte{"empty": nil, "text": []byte("not a picture"), "cut": good[:len(good)/2],
		"huge": photo(t, 200, 200, 1, "png")} {
		t.Run(name, func(t *testing.T) {
			bad := filepath.Join(dir, "train", "dog", "1.jpeg")
			write(t, bad, b)
			s, _, err := ImageFolder(dir, 8, FolderOptions{MaxPixels: 10000})
			require.NoError(t, err, "files are opened when they are read")
			x := make([]float32, 4*3*64)
			err = s.Read(context.Background(), x, []int{0, 1, 2, 3})
			assert.ErrorContains(t, err, bad)
			_, err = s.Hash(2)
			assert.ErrorContains(t, err, bad)
			assert.NoError(t, s.Read(context.Background(), x[:192], []int{0}), "the others can be read")
		})
	}
	s, _, err := ImageFolder(dir, 8, FolderOptions{})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	assert.ErrorIs(t, s.Read(ctx, make([]float32, 192), []int{0}), context.Canceled)
	_, err = s.Hash(9)
	assert.ErrorContains(t, err, "there is no picture 9")
}

func TestImageFolderOfPhotographs(t *testing.T) {
	train, test, err := ImageFolder(golden.Beside(t, "data", "imagenette2-224-subset"), 32, FolderOptions{})
	require.NoError(t, err)
	assert.Equal(t, []int{2000, 1000}, []int{train.Len(), test.Len()})
	assert.Len(t, train.Classes(), 10)
	idx := make([]int, 100)
	for k := range idx {
		idx[k] = 20 * k
	}
	x := read(t, train, idx...)
	lo, hi := x[0], x[0]
	for _, v := range x {
		lo, hi = min(lo, v), max(hi, v)
	}
	assert.Less(t, lo, float32(-0.95))
	assert.Greater(t, hi, float32(0.95))
}

func BenchmarkImageFolder64(b *testing.B) {
	train, _, err := ImageFolder(golden.Beside(b, "data", "imagenette2-224-subset"), 64, FolderOptions{CacheBytes: -1})
	require.NoError(b, err)
	idx := make([]int, 64)
	x := make([]float32, len(idx)*3*64*64)
	for b.Loop() {
		for k := range idx {
			idx[k] = (idx[k] + 31*(k+1)) % train.Len()
		}
		if err := train.Read(context.Background(), x, idx); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*len(idx))/b.Elapsed().Seconds(), "images/s")
}
