package families

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/checkpoint"
	"github.com/lethe-audit/lethe/internal/families/familytest"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/weights"
)

// A probe is some values of a large array.
type probe struct {
	Count      int
	Mean, Norm float64
	Values     map[string]float64
}

// reference is what testdata/published.py wrote.
type reference struct {
	Family              string
	Params              json.RawMessage
	Size                int
	Embedding, Painting probe
	Tensors             map[string][]int64
}

func readReference(t testing.TB, file string) (reference, models.Family) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", file))
	require.NoError(t, err)
	var r reference
	require.NoError(t, json.Unmarshal(b, &r))
	f, err := All.New(r.Family)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(r.Params, f))
	return r, f
}

// checkpointOf makes a released checkpoint of the true names and shapes.
func checkpointOf(r reference, names []weights.Published) map[string]checkpoint.Array {
	out := make(map[string]checkpoint.Array, len(r.Tensors))
	for name, shape := range r.Tensors {
		out[name] = familytest.Filled(name, shape)
	}
	for _, n := range names {
		if a, ok := out[n.Theirs]; ok && n.Fixed != nil {
			out[n.Theirs] = checkpoint.Array{Shape: a.Shape, Values: n.Fixed}
		}
	}
	return out
}

// TestPublishedNetworks loads checkpoints of the released names and shapes, and holds what the networks paint to
// PyTorch's, within 1e-4 of the painting's norm and of its largest value.
func TestPublishedNetworks(t *testing.T) {
	for _, name := range []string{"mae-tiny", "mae-vit-base-16", "mage-tiny", "mage-vit-base-16"} {
		t.Run(name, func(t *testing.T) {
			if name == "mage-vit-base-16" && os.Getenv("LETHE_SLOW") == "" {
				t.Skip("199 million weights, 4 GB: with LETHE_SLOW=1")
			}
			if testing.Short() && !strings.Contains(name, "tiny") {
				t.Skip("a network of full size: not with -short")
			}
			r, f := readReference(t, "published-"+name+".json")
			shape := models.Shape{Size: r.Size, Masked: true}
			p, ok := f.(models.Publisher)
			require.True(t, ok)
			m, err := f.New(torch.CPU, shape, 1)
			require.NoError(t, err)
			defer m.Params().Free()
			arrays, err := weights.Renamed("memory", "the released network", m.Params().Layout(), p.Published(shape),
				checkpointOf(r, p.Published(shape)))
			require.NoError(t, err)
			values, err := weights.Flat("memory", "the network", m.Params().Layout(), arrays)
			require.NoError(t, err)
			require.NoError(t, m.Params().Set(values))
			px := make([]float32, 3*r.Size*r.Size)
			for i := range px {
				px[i] = float32(math.Sin(0.11 * float64(i)))
			}
			v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, px, r.Size)
			a, ok := m.(models.Autoencoder)
			require.True(t, ok)
			z, _ := familytest.Encode(t, a, v, true)
			r.Embedding.near(t, z, "embedding")
			r.Painting.near(t, familytest.Generate(t, m, v, true), "painting")
		})
	}
}

func (p probe) near(t *testing.T, got []float32, what string) {
	t.Helper()
	require.Len(t, got, p.Count, what)
	var sum, squares, largest, furthest float64
	for _, x := range got {
		sum += float64(x)
		squares += float64(x) * float64(x)
		largest = max(largest, math.Abs(float64(x)))
	}
	for at, want := range p.Values {
		i, err := strconv.Atoi(at)
		require.NoError(t, err)
		furthest = max(furthest, math.Abs(want-float64(got[i])))
	}
	rms := p.Norm / math.Sqrt(float64(p.Count))
	assert.InDelta(t, p.Mean, sum/float64(p.Count), 1e-4*rms, what)
	assert.InEpsilon(t, p.Norm, math.Sqrt(squares), 1e-4, what)
	assert.LessOrEqual(t, furthest, 1e-4*rms, what)
	t.Logf("%s: largest difference %.2g of %d values, root mean square %.3g, largest value %.3g", what, furthest, len(p.Values), rms, largest)
}

// TestLoad reads files under both kinds of names, and says everything that is wrong.
func TestLoad(t *testing.T) {
	r, f := readReference(t, "published-mae-tiny.json")
	shape := models.Shape{Size: r.Size, Masked: true}
	p, ok := f.(models.Publisher)
	require.True(t, ok)
	whole := func() map[string]checkpoint.Array { return checkpointOf(r, p.Published(shape)) }
	save := func(arrays map[string]checkpoint.Array) string {
		path := filepath.Join(t.TempDir(), "weights.safetensors")
		require.NoError(t, checkpoint.Save(path, arrays, nil))
		return path
	}
	m := familytest.Build(t, f, shape, 1)
	require.NoError(t, models.Load(m, f, shape, save(whole()), ""))
	theirs, err := m.Params().Values()
	require.NoError(t, err)

	own := map[string]checkpoint.Array{}
	for _, q := range m.Params().Layout() {
		own["module."+q.Name] = checkpoint.Array{Shape: q.Shape, Values: theirs[q.Offset : q.Offset+q.Size()]}
	}
	other := familytest.Build(t, f, shape, 2)
	require.NoError(t, models.Load(other, f, shape, save(own), ""))
	got, err := other.Params().Values()
	require.NoError(t, err)
	assert.Equal(t, theirs, got)

	for name, c := range map[string]struct {
		change func(map[string]checkpoint.Array)
		want   []string
	}{
		"missing and more": {func(a map[string]checkpoint.Array) { a["head.weight"] = a["cls_token"]; delete(a, "norm.bias") },
			[]string{"1 missing (norm.bias)", "1 not the network's (head.weight)"}},
		"misshapen": {func(a map[string]checkpoint.Array) { a["norm.bias"] = familytest.Filled("x", []int64{5}) },
			[]string{"norm.bias is [5], not [24]"}},
		"positions": {func(a map[string]checkpoint.Array) {
			a["pos_embed"] = familytest.Filled("x", a["pos_embed"].Shape)
		}, []string{"pos_embed[0]", "fixes it at 0"}},
		"neither's names": {func(a map[string]checkpoint.Array) {
			clear(a)
			a["w"] = familytest.Filled("w", []int64{1})
		}, []string{"60 missing (encoder.embed.weight, ", "1 not the network's (w)"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := whole()
			c.change(a)
			err := models.Load(other, f, shape, save(a), "")
			for _, w := range c.want {
				require.ErrorContains(t, err, w)
			}
			still, err := other.Params().Values()
			require.NoError(t, err)
			assert.Equal(t, theirs, still, "the model stays as it is")
		})
	}
	require.ErrorContains(t, models.Load(other, f, shape, save(whole()), strings.Repeat("0", 64)), "it is another file")
	require.ErrorContains(t, models.Load(other, f, shape, filepath.Join(t.TempDir(), "none"), ""), "no such file")
}

// TestPublishedNamesAreWhole: every weight has one tensor of the checkpoint, and the sizes agree.
func TestPublishedNamesAreWhole(t *testing.T) {
	for _, name := range []string{"mae-tiny", "mae-vit-base-16"} {
		r, f := readReference(t, "published-"+name+".json")
		p, ok := f.(models.Publisher)
		require.True(t, ok)
		shape := models.Shape{Size: r.Size, Masked: true}
		m, err := f.New(torch.CPU, shape, 1)
		require.NoError(t, err)
		sizes := map[string]int{}
		for _, q := range m.Params().Layout() {
			sizes[q.Name] = q.Size()
		}
		m.Params().Free()
		names := p.Published(shape)
		assert.Len(t, names, len(r.Tensors))
		for _, n := range names {
			assert.True(t, slices.Equal(n.Shape, r.Tensors[n.Theirs]), "%s is %v, the checkpoint's is %v", n.Theirs, n.Shape, r.Tensors[n.Theirs])
			size := 1
			for _, d := range n.Shape {
				size *= int(d)
			}
			if n.Ours != "" {
				assert.Equal(t, size, sizes[n.Ours], n.Ours)
				delete(sizes, n.Ours)
			}
		}
		assert.Empty(t, sizes, "weights without a tensor")
	}
}
