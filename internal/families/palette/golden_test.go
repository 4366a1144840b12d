package palette

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
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
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/weights"
)

// places is the network published for places2 at 256×256.
func places() *Family {
	return &Family{Patch: 1, Channels: 64, Multipliers: []int{1, 2, 4, 8}, ResBlocks: 2, HeadChannels: 32, Groups: 32,
		Steps: 2000, BetaStart: 1e-6, BetaEnd: 0.01, SampleSteps: 20, Predict: "noise"}
}

// draw fills dst with the numbers that testdata/palette.py gives the weight of a name.
func draw(dst []float32, name string, bound, centre float64) {
	h := sha256.Sum256([]byte(name))
	seed := binary.LittleEndian.Uint32(h[:])
	for i := range dst {
		x := seed + uint32(i)*0x9e3779b9
		x = (x ^ x>>16) * 0x85ebca6b
		x = (x ^ x>>13) * 0xc2b2ae35
		x ^= x >> 16
		dst[i] = float32((2*(float64(x)/(1<<32))-1)*bound + centre)
	}
}

// drawn are a network's weights, by the names and shapes of the published checkpoint.
func drawn(t *testing.T, p *torch.Params, names []weights.Published) []float32 {
	t.Helper()
	at := map[string]torch.Param{}
	for _, q := range p.Layout() {
		at[q.Name] = q
	}
	w := make([]float32, p.Layout().Size())
	for _, n := range names {
		if n.Optional {
			continue
		}
		q, ok := at[n.Ours]
		require.True(t, ok, n.Ours)
		bound, centre := 0.1, 0.
		switch {
		case len(n.Shape) > 1:
			fan := int64(1)
			for _, d := range n.Shape[1:] {
				fan *= d
			}
			bound = math.Sqrt(3 / float64(fan))
		case strings.HasSuffix(n.Theirs, "weight"):
			bound, centre = 0.2, 1
		}
		draw(w[q.Offset:q.Offset+q.Size()], n.Theirs, bound, centre)
	}
	return w
}

// TestPaletteAgainstPyTorch holds the network to testdata/palette.py, written in PyTorch with the weights of the
// published checkpoint's names and in double precision, within 1e-5 of the root mean square. The last case is the
// published network itself, 63 million weights on 256×256.
func TestPaletteAgainstPyTorch(t *testing.T) {
	b, err := os.ReadFile("testdata/palette.json")
	require.NoError(t, err)
	var file struct {
		Cases []struct {
			Params          json.RawMessage
			Size, N         int
			Gamma           []float64
			Weights         int
			Probes          map[string]float64
			Mean, Std, Norm float64
		}
	}
	require.NoError(t, json.Unmarshal(b, &file))
	require.Len(t, file.Cases, 3)
	for _, c := range file.Cases {
		t.Run(fmt.Sprintf("side %d", c.Size), func(t *testing.T) {
			if c.Size == 256 && os.Getenv("LETHE_SLOW") == "" {
				t.Skip("set LETHE_SLOW=1: the network's full size")
			}
			f := places()
			require.NoError(t, json.Unmarshal(c.Params, f))
			shape := models.Shape{Size: c.Size, Masked: true}
			m, err := f.New(torch.CPU, shape, 1)
			require.NoError(t, err)
			defer m.Params().Free()
			require.Equal(t, c.Weights, m.Params().Layout().Size())
			require.NoError(t, m.Params().Set(drawn(t, m.Params(), f.Published(shape))))
			net, ok := m.(*model)
			require.True(t, ok)
			x := make([]float32, c.N*6*c.Size*c.Size)
			draw(x, "input", 1, 0)
			var out []float32
			familytest.On(t, func(s *torch.Scope) {
				y, _ := net.unet.forward(s, m.Params().Bind(s), s.FromFloats(x, int64(c.N), 6, int64(c.Size), int64(c.Size)), c.Gamma)
				out = s.Floats(y)
			})
			require.Len(t, out, c.N*3*c.Size*c.Size)
			n := float64(len(out))
			rms := c.Norm / math.Sqrt(n)
			var worst, sum, squares float64
			for at, want := range c.Probes {
				i, err := strconv.Atoi(at)
				require.NoError(t, err)
				worst = max(worst, math.Abs(want-float64(out[i]))/rms)
			}
			for _, v := range out {
				sum += float64(v)
				squares += float64(v) * float64(v)
			}
			mean := sum / n
			std := math.Sqrt(squares/n - mean*mean)
			t.Logf("%d weights: largest difference of %d probes %.1e, mean %.1e, std %.1e, norm %.1e, over the root mean square",
				c.Weights, len(c.Probes), worst, math.Abs(mean-c.Mean)/rms, math.Abs(std-c.Std)/rms, math.Abs(math.Sqrt(squares)-c.Norm)/c.Norm)
			assert.Less(t, worst, 1e-5)
			assert.InDelta(t, c.Mean, mean, 1e-5*rms)
			assert.InDelta(t, c.Std, std, 1e-5*rms)
			assert.InDelta(t, c.Norm, math.Sqrt(squares), 1e-5*c.Norm)
		})
	}
}

// TestPaletteNamesThePublishedWeights: every tensor of the checkpoint is one of ours, of the same size, and the other
// way round; but for the six buffers of its noise schedule.
func TestPaletteNamesThePublishedWeights(t *testing.T) {
	file, err := os.Open("testdata/palette_places2.txt")
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	theirs, buffers := map[string]string{}, 0
	for lines := bufio.NewScanner(file); lines.Scan(); {
		name, shape, ok := strings.Cut(lines.Text(), " ")
		require.True(t, ok)
		if name == "buffer" {
			buffers++
			continue
		}
		theirs[name] = shape
	}
	require.Len(t, theirs, 326)
	assert.Equal(t, 6, buffers)
	f, shape := places(), models.Shape{Size: 256, Masked: true}
	layout := map[string]torch.Param{}
	for _, q := range f.unet().layout() {
		layout[q.Name] = q
	}
	names := f.Published(shape)
	require.Len(t, names, len(theirs)+6)
	total := 0
	for _, n := range names {
		if n.Optional {
			continue
		}
		q, ok := layout[n.Ours]
		require.True(t, ok, "%s is not ours, or is named twice", n.Ours)
		delete(layout, n.Ours)
		var text []string
		size := 1
		for _, d := range n.Shape {
			text = append(text, strconv.FormatInt(d, 10))
			size *= int(d)
		}
		require.Equal(t, theirs[n.Theirs], strings.Join(text, ","), n.Theirs)
		delete(theirs, n.Theirs)
		require.Equal(t, q.Size(), size, n.Ours)
		require.True(t, slices.Equal(q.Shape[:len(n.Shape)], n.Shape), "the same order of elements: %v, %v", q.Shape, n.Shape)
		total += size
	}
	assert.Empty(t, theirs, "theirs without one of ours")
	assert.Empty(t, layout, "ours without one of theirs")
	assert.Equal(t, 62_641_347, total)
	// Where there is nothing published, or no model.
	patched := places()
	patched.Patch = 2
	assert.Empty(t, patched.Published(shape))
	assert.Empty(t, f.Published(models.Shape{Size: 30}))
}

// TestPaletteLoads reads a checkpoint of the released names, with a buffer of the schedule and without.
func TestPaletteLoads(t *testing.T) {
	f := places()
	f.Channels, f.Multipliers, f.HeadChannels = 32, []int{1, 2}, 32
	shape := models.Shape{Size: 16, Masked: true}
	m, err := f.New(torch.CPU, shape, 1)
	require.NoError(t, err)
	defer m.Params().Free()
	want := drawn(t, m.Params(), f.Published(shape))
	theirs := map[string]checkpoint.Array{"gammas": {Shape: []int64{3}, Values: make([]float32, 3)}}
	for _, n := range f.Published(shape) {
		for _, q := range m.Params().Layout() {
			if q.Name == n.Ours {
				theirs[n.Theirs] = checkpoint.Array{Shape: n.Shape, Values: want[q.Offset : q.Offset+q.Size()]}
			}
		}
	}
	path := filepath.Join(t.TempDir(), "palette.safetensors")
	require.NoError(t, checkpoint.Save(path, theirs, nil))
	require.NoError(t, models.Load(m, f, shape, path, ""))
	got, err := m.Params().Values()
	require.NoError(t, err)
	assert.Equal(t, want, got)
	delete(theirs, "gammas")
	delete(theirs, "denoise_fn.cond_embed.0.bias")
	require.NoError(t, checkpoint.Save(path, theirs, nil))
	require.ErrorContains(t, models.Load(m, f, shape, path, ""), "1 missing (denoise_fn.cond_embed.0.bias)")
}
