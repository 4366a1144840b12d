package pickle

import (
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const scripts = "../families/torchscript/testdata/"

// TestModule: all tensors of files that torchscript.py and boxes.py made, by name; none is overlooked.
func TestModule(t *testing.T) {
	inpainter := []string{"down.bias", "down.weight", "mix.bias", "mix.weight", "norm.bias", "norm.weight", "up.bias", "up.weight"}
	unit := []string{"down.bias", "down.weight", "gain", "norm.bias", "norm.num_batches_tracked", "norm.running_mean", "norm.running_var",
		"norm.weight", "token", "unused.bias", "unused.weight", "up.bias", "up.weight"}
	for file, want := range map[string][]string{
		"inpainter.pt": inpainter, "secret.pt": inpainter, "unit.pt": unit, "unit-gain.pt": unit,
		"constant.pt": append([]string{"constants.0"}, inpainter...),
	} {
		b, err := os.ReadFile(scripts + file)
		require.NoError(t, err)
		got, err := Module(b)
		require.NoError(t, err, file)
		assert.Equal(t, want, slices.Sorted(maps.Keys(got)), file)
		for name, h := range got {
			n := 4
			if h.Kind == "torch.LongStorage" {
				n = 8
			}
			for _, d := range h.Shape {
				n *= int(d)
			}
			assert.Len(t, h.Bytes, n, "%s: %s", file, name)
		}
	}
	b, err := os.ReadFile(scripts + "keyed.pt")
	require.NoError(t, err)
	got, err := Module(b)
	require.NoError(t, err)
	assert.Contains(t, got, "o_down_weight")
	for cut := range len(b) { // never a panic, and never fewer tensors without an error
		if cut%97 == 0 {
			_, err := Module(b[:cut])
			require.Error(t, err)
		}
	}
	_, err = Decode(b)
	assert.ErrorContains(t, err, "it is a TorchScript module")
}

// TestModuleOverlooksNothing: pickles that hide a tensor from whoever looks for plain ones.
func TestModuleOverlooksNothing(t *testing.T) {
	storage := "(U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x01tQ"
	for name, k := range map[string]struct{ pickle, want string }{
		"quantised":        {"ctorch._utils\n_rebuild_qtensor\n(" + storage + "K\x00tR.", "in a form that is not read"},
		"keys of numbers":  {"}K\x01K\x02s.", "keys are no strings"},
		"a list in itself": {"]q\x00h\x00a.", "nested deeper"},
		"a class called":   {"c__torch__\nM\n)b.", "in a way that TorchScript does not"},
	} {
		m := &machine{in: []byte("\x80\x02" + k.pickle), kinds: map[string]numbers{}, modules: true}
		top, err := m.run()
		if err == nil {
			err = (&walk{store: &storages{}, room: 1 << 20, out: map[string]Held{}}).value("", top, 0)
		}
		assert.ErrorContains(t, err, k.want, name)
	}
}
