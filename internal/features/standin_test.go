package features

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/pixels"
	"github.com/lethe-audit/lethe/internal/torch"
)

// standins is what testdata/standin.py got from its networks.
func standins(t *testing.T) (golden struct {
	Inception []struct{ Features, Probabilities []float64 }
	Clip      [][]float64
}) {
	t.Helper()
	b, err := os.ReadFile("testdata/standin.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &golden))
	return golden
}

// drawn is standin.py's picture.
func drawn(w, h, seed int) pixels.Image {
	m := pixels.New(w, h)
	for y := range h {
		for x := range w {
			for c := range 3 {
				m.Pix[3*(y*w+x)+c] = uint8((7*x + 3*y*y + seed*31 + c*50 + x*y) % 256)
			}
		}
	}
	return m
}

func openStandin(t *testing.T, name string) Extractor {
	t.Helper()
	path := filepath.Join("testdata", name)
	_, err := Recognise(path, false)
	require.ErrorIs(t, err, ErrUnverified)
	require.ErrorContains(t, err, path)
	src, err := Recognise(path, true)
	require.NoError(t, err)
	e, err := src.Open(torch.CPU)
	require.NoError(t, err)
	t.Cleanup(e.Free)
	assert.True(t, e.Identity().Unverified)
	return e
}

// TestInceptionInterface: the whole path of NVIDIA's file on a small network with its interface, against PyTorch.
func TestInceptionInterface(t *testing.T) {
	golden := standins(t).Inception
	e := openStandin(t, "standin-inception.pt")
	assert.Equal(t, "standin-inception", e.Identity().Name)
	assert.Equal(t, inceptionResize, e.Identity().Resize)
	for i, want := range golden {
		x := make([]float32, 3*24*24)
		require.NoError(t, e.Prepare(x, drawn(24, 24, i+1)))
		v, err := e.Embed(context.Background(), x, 1, 24)
		require.NoError(t, err)
		assert.InDeltaSlice(t, want.Features, v.Features, 1e-4)
		require.Len(t, v.Logits, len(want.Probabilities))
		for k, p := range want.Probabilities {
			assert.InDelta(t, p, math.Exp(float64(v.Logits[k])), 1e-4)
		}
	}
}

// TestCLIPInterface: the whole path of OpenAI's archives on a small one, against PyTorch and Pillow, with pictures that
// are not square and of other sizes.
func TestCLIPInterface(t *testing.T) {
	golden := standins(t).Clip
	e := openStandin(t, "standin-clip.pt")
	assert.Equal(t, "clip-16, clip", e.Identity().Resize)
	assert.Equal(t, 16, e.Size())
	for i, m := range []pixels.Image{drawn(16, 16, 1), drawn(40, 23, 2), drawn(17, 64, 3)} {
		x := make([]float32, 3*16*16)
		require.NoError(t, e.Prepare(x, m))
		v, err := e.Embed(context.Background(), x, 1, 16)
		require.NoError(t, err)
		assert.InDeltaSlice(t, golden[i], v.Features, 1e-4, "picture %d", i)
		swapped := m
		swapped.Pix = append([]uint8(nil), m.Pix...)
		for k := 0; k < len(swapped.Pix); k += 3 {
			swapped.Pix[k], swapped.Pix[k+2] = swapped.Pix[k+2], swapped.Pix[k]
		}
		require.NoError(t, e.Prepare(x, swapped))
		w, err := e.Embed(context.Background(), x, 1, 16)
		require.NoError(t, err)
		assert.NotEqual(t, v.Features, w.Features, "blue for red must change the features")
	}
}

// TestGroupsChangeNoBit: an image's features do not depend on the images beside it.
func TestGroupsChangeNoBit(t *testing.T) {
	const n = 65
	for _, name := range []string{"standin-clip.pt", "standin-inception.pt"} {
		e := openStandin(t, name)
		side := max(e.Size(), 16)
		px := 3 * side * side
		all := make([]float32, n*px)
		for i := range n {
			require.NoError(t, e.Prepare(all[i*px:(i+1)*px], drawn(side, side, i)))
		}
		want, err := e.Embed(context.Background(), all, n, side)
		require.NoError(t, err)
		for _, group := range []int{1, 7, 64} {
			var got []float32
			for lo := 0; lo < n; lo += group {
				hi := min(n, lo+group)
				v, err := e.Embed(context.Background(), all[lo*px:hi*px], hi-lo, side)
				require.NoError(t, err)
				got = append(got, v.Features...)
			}
			require.Equal(t, want.Features, got, "%s in groups of %d", name, group)
		}
	}
}

func TestRecogniseRefuses(t *testing.T) {
	dir := t.TempDir()
	b, err := os.ReadFile("testdata/standin-clip.pt")
	require.NoError(t, err)
	cut := filepath.Join(dir, "cut.pt")
	require.NoError(t, os.WriteFile(cut, b[:len(b)/2], 0o600))
	text := filepath.Join(dir, "text.pt")
	require.NoError(t, os.WriteFile(text, []byte("hello"), 0o600))
	for path, want := range map[string]string{cut: "cut.pt is not a TorchScript module", text: "text.pt is not a TorchScript module"} {
		src, err := Recognise(path, true)
		require.NoError(t, err)
		_, err = src.Open(torch.CPU)
		assert.ErrorContains(t, err, want)
	}
	_, err = Recognise(filepath.Join(dir, "none"), true)
	assert.ErrorContains(t, err, "none: no such file")
	for _, f := range []Source{&CLIP{Path: module("means.pt"), SHA256: sumOf(t, module("means.pt"))},
		&Inception{Path: module("means.pt"), SHA256: sumOf(t, module("means.pt"))}} {
		_, err := f.Open(torch.CPU)
		assert.ErrorContains(t, err, "means.pt")
	}
	_, err = (&CLIP{Path: module("standin-clip.pt"), SHA256: "ab"}).Open(torch.CPU)
	assert.ErrorContains(t, err, "it is another file")
}

// TestKnownFiles: hashes are hashes, each once; what cannot be run says what to take.
func TestKnownFiles(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range KnownFiles() {
		assert.Len(t, string(k.SHA256), 64, k.File)
		assert.False(t, seen[string(k.SHA256)], k.File)
		seen[string(k.SHA256)] = true
		assert.NotEmpty(t, k.Source, k.File)
		if k.open == nil {
			assert.Contains(t, k.Output, "take ", k.File)
		}
		assert.Equal(t, k.File, find(k.SHA256).File)
	}
	assert.Nil(t, find("00"))
}
