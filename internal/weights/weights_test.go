package weights

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/checkpoint"
	"github.com/lethe-audit/lethe/internal/torch"
)

func TestPinned(t *testing.T) {
	require.NoError(t, Pinned("w.pt", strings.Repeat("aB", 32)))
	err := Pinned("", "12")
	require.ErrorContains(t, err, "path is missing")
	require.ErrorContains(t, err, `sha256 "12" is not 64 hexadecimal digits`)
}

func TestDigits(t *testing.T) {
	for sum, fine := range map[string]bool{
		strings.Repeat("aB", 32): true, "": false, "12": false, strings.Repeat("0", 63): false, strings.Repeat("0",
			65): false, strings.Repeat("g", 64): false,
	} {
		err := Digits("lin_sha256", sum)
		assert.Equal(t, fine, err == nil, sum)
		if !fine {
			assert.EqualError(t, err, "lin_sha256 \""+sum+"\" is not 64 hexadecimal digits: give the file's, as `sha256sum` prints it")
		}
	}
}

func TestReadRefusesOtherFiles(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	require.NoError(t, os.WriteFile(text, []byte("not weights"), 0o600))
	_, _, err := Read(text, "")
	require.ErrorContains(t, err, "neither a safetensors file of float32 arrays nor a PyTorch checkpoint")
	path := filepath.Join(dir, "w.safetensors")
	require.NoError(t, checkpoint.Save(path, map[string]checkpoint.Array{"module.w": {Shape: []int64{2}, Values: []float32{1, 2}}}, nil))
	got, sum, err := Read(path, "")
	require.NoError(t, err)
	assert.Equal(t, []float32{1, 2}, got["w"].Values, "a module. in front goes")
	_, again, err := Read(path, strings.ToUpper(string(sum)))
	require.NoError(t, err)
	assert.Equal(t, sum, again)
	_, _, err = Read(path, strings.Repeat("0", 64))
	require.ErrorContains(t, err, "it is another file")
}

func TestFlatSaysAllThatIsWrong(t *testing.T) {
	var l torch.Layout
	l.AddLinear("a", 3, 2)
	l.AddLinear("b", 2, 1)
	arrays := map[string]checkpoint.Array{
		"a.weight": {Shape: []int64{3, 2}, Values: make([]float32, 6)},
		"a.bias":   {Shape: []int64{2}, Values: []float32{1, 2}},
		"b.weight": {Shape: []int64{1, 2}, Values: []float32{3, 4}},
		"head":     {Shape: []int64{1}, Values: []float32{5}},
	}
	_, err := Flat("w.pt", "the network", l, arrays)
	require.EqualError(t, err, "w.pt does not hold the weights of the network: arrays: 1 missing (b.bias); 1 of another "+
		"shape (a.weight is [3 2], not [2 3]); 1 not the network's (head)")
	delete(arrays, "head")
	arrays["a.weight"] = checkpoint.Array{Shape: []int64{2, 3}, Values: []float32{6, 7, 8, 9, 10, 11}}
	arrays["b.bias"] = checkpoint.Array{Shape: []int64{1}, Values: []float32{12}}
	v, err := Flat("w.pt", "the network", l, arrays)
	require.NoError(t, err)
	assert.Equal(t, []float32{6, 7, 8, 9, 10, 11, 1, 2, 3, 4, 12}, v)
}

// TestRenamed: x[r, c, k] with r, c, k of 2, 1, 3 becomes x[k, r, c], and a fixed tensor is held to its values.
func TestRenamed(t *testing.T) {
	var l torch.Layout
	l.Add("pixels", torch.Zeros, 6)
	names := []Published{
		{Theirs: "pred", Ours: "pixels", Shape: []int64{6}, Split: []int64{2, 1, 3}, Permute: []int64{2, 0, 1}},
		{Theirs: "pos", Shape: []int64{2}, Fixed: []float32{0, 1}},
	}
	arrays := map[string]checkpoint.Array{
		"pred": {Shape: []int64{6}, Values: []float32{0, 1, 2, 10, 11, 12}},
		"pos":  {Shape: []int64{2}, Values: []float32{0.00005, 1}},
	}
	got, err := Renamed("w.pt", "the network", l, names, arrays)
	require.NoError(t, err)
	assert.Equal(t, map[string]checkpoint.Array{"pixels": {Shape: []int64{6}, Values: []float32{0, 10, 1, 11, 2, 12}}}, got)
	arrays["pos"].Values[1] = 0.9
	_, err = Renamed("w.pt", "the network", l, names, arrays)
	require.EqualError(t, err, "w.pt: pos[1] is 0.9, and the network fixes it at 1")
	delete(arrays, "pred")
	_, err = Renamed("w.pt", "the network", l, names, arrays)
	require.ErrorContains(t, err, "1 missing (pred)")
}
