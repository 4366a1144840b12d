package torchscript

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/families/familytest"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// fresh has the defaults, and no path.
func fresh(t testing.TB) *Family {
	t.Helper()
	f, ok := Entry.New().(*Family)
	require.True(t, ok)
	return f
}

// script is a family on a file that testdata/torchscript.py made.
func script(t testing.TB, name string, set func(f *Family)) *Family {
	t.Helper()
	f := fresh(t)
	f.Path = filepath.Join("testdata", name)
	if name == "unit.pt" {
		f.Inputs, f.Range, f.Mask, f.Output, f.Keep = []string{"image+mask"}, "unit", "visible", 1, true
	}
	if set != nil {
		set(f)
	}
	require.NoError(t, f.Validate())
	require.NoError(t, f.Seal())
	return f
}

func open(t testing.TB, f *Family, seed uint64) models.Model {
	t.Helper()
	m, err := f.New(torch.CPU, models.Shape{Size: 16, Masked: true}, seed)
	require.NoError(t, err)
	t.Cleanup(m.Params().Free)
	return m
}

// known sets weight i to 0.3·sin(0.37 i).
func known(t testing.TB, m models.Model) {
	t.Helper()
	w := make([]float32, m.Params().Layout().Size())
	for i := range w {
		w[i] = float32(0.3 * math.Sin(0.37*float64(i)))
	}
	require.NoError(t, m.Params().Set(w))
}

// TestTorchScriptAgainstPyTorch holds paintings, losses and gradients, of weights and of the image, to those of the
// eager modules of testdata/torchscript.py, within 1e-5, again and again: the first calls of a TorchScript module are
// where its executor would profile.
func TestTorchScriptAgainstPyTorch(t *testing.T) {
	b, err := os.ReadFile("testdata/torchscript.json")
	require.NoError(t, err)
	var file struct {
		Cases []struct {
			File           string
			N, Size, Every int
			Names          []string
			Shapes         [][]int64
			Painting       []float64
			Loss           []float64
			Gradient       []float64
			Image          []float64
		}
	}
	require.NoError(t, json.Unmarshal(b, &file))
	require.Len(t, file.Cases, 2)
	for _, c := range file.Cases {
		t.Run(c.File, func(t *testing.T) {
			m := open(t, script(t, c.File, nil), 1)
			for i, q := range m.Params().Layout() {
				require.Equal(t, c.Names[i], q.Name)
				require.Equal(t, c.Shapes[i], q.Shape, q.Name)
			}
			known(t, m)
			px := make([]float32, c.N*3*c.Size*c.Size)
			for i := range px {
				px[i] = float32(math.Sin(0.11 * float64(i)))
			}
			v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, px, c.Size)
			n, size := int64(c.N), int64(c.Size)
			var first []float32
			for range 4 {
				before := torch.Live()
				require.NoError(t, torch.With(torch.CPU, func(s *torch.Scope) error {
					in := models.NewInput(s, v, true, 0)
					s.RequireGrad(in.X)
					loss := m.Loss(s, in, s.FromFloats(px, n, 3, size, size), s.FromFloats(v.Region, n, 1, size, size))
					each := s.Floats(s.Detach(loss))
					gradient := s.Floats(m.Params().Gradient(s, s.Mean(loss)))
					image := s.Floats(s.Narrow(s.Gradient(s.Mean(m.Loss(s, in, s.FromFloats(px, n, 3, size, size), s.FromFloats(v.Region, n,
						1, size, size))), in.X), 1, 0, 3))
					if s.Err() != nil {
						return s.Err()
					}
					familytest.Near(t, c.Loss, each, "loss")
					familytest.Near(t, c.Gradient, gradient, "gradient")
					familytest.Near(t, c.Image, every(image, c.Every), "slope of the image")
					if first == nil {
						first = gradient
					}
					assert.Equal(t, first, gradient, "another call, other bits")
					return nil
				}))
				familytest.Near(t, c.Painting, every(familytest.Generate(t, m, v, true), c.Every), "painting")
				assert.Equal(t, before, torch.Live())
			}
		})
	}
}

func every(v []float32, n int) (out []float32) {
	for i := 0; i < len(v); i += n {
		out = append(out, v[i])
	}
	return out
}

// TestTorchScriptWeightsAreShared: whatever is written into the flat vector is what the module computes with, and no
// instance knows of another.
func TestTorchScriptWeightsAreShared(t *testing.T) {
	f := script(t, "inpainter.pt", nil)
	a, b := open(t, f, 1), open(t, f, 2)
	v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, familytest.Pictures(2, 16, 3), 16)
	ofA, ofB := familytest.Generate(t, a, v, true), familytest.Generate(t, b, v, true)
	assert.NotEqual(t, ofA, ofB)
	require.NoError(t, b.Params().Copy(a.Params()))
	assert.Equal(t, ofA, familytest.Generate(t, b, v, true), "after Copy")
	c, ok := a.(models.Copier)
	require.True(t, ok)
	k, err := c.Copy()
	require.NoError(t, err)
	defer k.Params().Free()
	known(t, a)
	known1 := familytest.Generate(t, a, v, true)
	assert.NotEqual(t, ofA, known1, "after Set")
	assert.Equal(t, ofA, familytest.Generate(t, b, v, true), "the other is left alone")
	assert.Equal(t, ofA, familytest.Generate(t, k, v, true), "a copy too")
	familytest.On(t, func(s *torch.Scope) {
		w := a.Params().Bind(s)
		assert.Equal(t, []int64{6, 4, 4, 4}, w["down.weight"].Shape())
		assert.InDelta(t, 0.3*math.Sin(0.37*384), s.Floats(w["down.bias"])[0], 1e-6)
	})

	// Two at a time, and while the other learns.
	opt, err := torch.NewAdam(b.Params(), 0, b.Params().Layout().Size())
	require.NoError(t, err)
	defer opt.Free()
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for range 10 {
				assert.Equal(t, known1, familytest.Generate(t, a, v, true))
			}
		})
	}
	target := familytest.Pictures(2, 16, 3)
	var first, last float64
	for i := range 60 {
		require.NoError(t, torch.With(torch.CPU, func(s *torch.Scope) error {
			l := s.Mean(b.Loss(s, models.NewInput(s, v, true, 0), s.FromFloats(target, 2, 3, 16, 16), s.FromFloats(v.Region, 2, 1, 16, 16)))
			opt.Step(s, b.Params().Gradient(s, l), 1e-2)
			last = s.Item(s.Detach(l))
			return nil
		}))
		if i == 0 {
			first = last
		}
	}
	wg.Wait()
	assert.Less(t, last, first/2, "it learns")
}

// TestTorchScriptPenalties: a loss may depend on the vector itself besides, on both, or on neither.
func TestTorchScriptPenalties(t *testing.T) {
	m := open(t, script(t, "unit.pt", nil), 1)
	known(t, m)
	p := m.Params()
	v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, familytest.Pictures(2, 16, 3), 16)
	gradient := func(paint, penalty bool) (out []float32, err error) {
		err = torch.With(torch.CPU, func(s *torch.Scope) error {
			loss := s.Zeros()
			if paint {
				loss = s.Add(loss, s.Mean(s.Square(m.Generate(s, models.NewInput(s, v, true, 0)))))
			}
			if penalty {
				loss = s.Add(loss, s.Dot(p.Flat(), p.Flat()))
			}
			out = s.Floats(p.Gradient(s, loss))
			return nil
		})
		return out, err
	}
	painted, err := gradient(true, false)
	require.NoError(t, err)
	penalty, err := gradient(false, true)
	require.NoError(t, err)
	both, err := gradient(true, true)
	require.NoError(t, err)
	w, err := p.Values()
	require.NoError(t, err)
	for _, q := range p.Layout() {
		i := q.Offset
		assert.InDelta(t, 2*w[i], penalty[i], 1e-6, q.Name)
		assert.InDelta(t, float64(painted[i])+float64(penalty[i]), both[i], 1e-6, q.Name)
		if q.Name == "unused.weight" {
			assert.Zero(t, painted[i])
		}
	}
	_, err = gradient(false, false)
	assert.ErrorContains(t, err, "does not depend on the weights")
}

// TestTorchScriptDrawsWeights: PyTorch's defaults, by name and shape; what is kept is the file's.
func TestTorchScriptDrawsWeights(t *testing.T) {
	bound := func(fanIn float64) [2]float64 { return [2]float64{-1 / math.Sqrt(fanIn), 1 / math.Sqrt(fanIn)} }
	for name, want := range map[string]map[string][2]float64{
		"inpainter.pt": {"down.weight": bound(64), "down.bias": bound(64), "norm.weight": {1, 1}, "norm.bias": {0, 0},
			"up.weight": bound(48), "up.bias": bound(48)},
		"unit.pt": {"token": {-1, 1}, "unused.weight": bound(2), "unused.bias": bound(2), "norm.weight": {1, 1}},
	} {
		m, same, other := open(t, script(t, name, nil), 1), open(t, script(t, name, nil), 1), open(t, script(t, name, nil), 2)
		w, err := m.Params().Values()
		require.NoError(t, err)
		again, err := same.Params().Values()
		require.NoError(t, err)
		assert.Equal(t, w, again)
		others, err := other.Params().Values()
		require.NoError(t, err)
		for _, q := range m.Params().Layout() {
			b, ok := want[q.Name]
			if !ok {
				continue
			}
			mine, theirs := w[q.Offset:q.Offset+q.Size()], others[q.Offset:q.Offset+q.Size()]
			lo, hi := mine[0], mine[0]
			for _, v := range mine {
				lo, hi = min(lo, v), max(hi, v)
			}
			assert.GreaterOrEqual(t, float64(lo), b[0]-1e-6, q.Name)
			assert.LessOrEqual(t, float64(hi), b[1]+1e-6, q.Name)
			if q.Size() > 100 {
				assert.Greater(t, float64(hi-lo), 0.9*(b[1]-b[0]), q.Name)
			}
			if drawn := b[0] != b[1] && q.Name != "token"; drawn {
				assert.NotEqual(t, mine, theirs, q.Name)
			} else {
				assert.Equal(t, mine, theirs, q.Name)
			}
		}
	}
	f := script(t, "inpainter.pt", nil)
	assert.False(t, f.Pretrained())
	f.Trained = true
	assert.True(t, f.Pretrained())
	w, err := f.Original()
	require.NoError(t, err)
	fresh, err := open(t, f, 1).Params().Values()
	require.NoError(t, err)
	require.Len(t, w, len(fresh))
	assert.NotEqual(t, w, fresh, "retrained models do not start from the file's weights")
}

func TestTorchScriptRefuses(t *testing.T) {
	tuple := func(n int) func(f *Family) { return func(f *Family) { f.Output = n } }
	for _, c := range []struct {
		file string
		set  func(f *Family)
		says string
	}{
		{"inpainter.pt", nil, ""},
		{"unit.pt", nil, ""},
		{"unit.pt", func(f *Family) { f.Keep = false }, "neither name nor shape tells how these start: token [6 1 1]; with keep: true"},
		{"unit.pt", tuple(0), "forward(image+mask) returns a tensor [2 6 4 4] where the painting [2 3 16 16] belongs"},
		{"unit.pt", tuple(2), "forward returns 2 tensors, and output 2 is to be the painting"},
		{"inpainter.pt", func(f *Family) { f.Inputs = []string{"image"} }, "missing value for argument 'mask'"},
		{"inpainter.pt", func(f *Family) { f.Inputs = []string{"image+mask", "mask"} }, "to have 4 channels, but got 5 channels"},
		{"wrong-shape.pt", func(f *Family) { f.Keep = true }, "returns a tensor [2 2 16 16]"},
		{"random.pt", func(f *Family) { f.Keep = true }, "paint different pictures"},
		{"double.pt", func(f *Family) { f.Keep = true }, "parameter weight is not float32: convert the module with .float()"},
		{"tied.pt", func(f *Family) { f.Keep = true }, "is another one under a second name (tied weights)"},
		{"frozen.pt", nil, "no parameters that require gradients"},
	} {
		f := script(t, c.file, c.set)
		before := torch.Live()
		err := f.Check(models.Shape{Size: 16, Masked: true})
		assert.Equal(t, before, torch.Live(), c.file)
		if c.says == "" {
			assert.NoError(t, err, c.file)
			assert.NoError(t, f.Check(models.Shape{Size: 16, Masked: false}), "a task without a mask")
			continue
		}
		assert.ErrorContains(t, err, c.says, c.file)
		assert.ErrorContains(t, err, c.file)
	}
}

// TestTorchScriptIsOneFile: another file at the same path is never taken for the first.
func TestTorchScriptIsOneFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.pt")
	put := func(name string) {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, b, 0o600))
	}
	put("inpainter.pt")
	f := script(t, "inpainter.pt", func(f *Family) { f.Path = path })
	assert.Len(t, f.SHA256, 64)
	put("unit.pt")
	assert.ErrorContains(t, f.Seal(), "it is another file")
	_, err := f.New(torch.CPU, models.Shape{Size: 16, Masked: true}, 1)
	assert.ErrorContains(t, err, "it is another file")
	f.SHA256 = ""
	_, err = f.New(torch.CPU, models.Shape{Size: 16, Masked: true}, 1)
	assert.ErrorContains(t, err, "sha256 is missing")
	f.Path = t.TempDir()
	assert.ErrorContains(t, f.Seal(), "is not a file")
	f.Path = filepath.Join(f.Path, "none.pt")
	assert.ErrorContains(t, f.Seal(), "no such file")
}

func TestTorchScriptValidates(t *testing.T) {
	for says, set := range map[string]func(f *Family){
		"path is missing": func(f *Family) { f.Path = "" },
		"sha256 \"12\" is not 64 hexadecimal digits: give the file's, as `sha256sum` prints it, or leave it out": func(f *Family) {
			f.SHA256 = "12"
		},
		"list what forward takes":      func(f *Family) { f.Inputs = []string{"mask"} },
		`inputs: "noise" is unknown`:   func(f *Family) { f.Inputs = []string{"image", "noise"} },
		`range "bytes": want signed`:   func(f *Family) { f.Range = "bytes" },
		`mask "black": want hidden or`: func(f *Family) { f.Mask = "black" },
		"output is -1":                 func(f *Family) { f.Output = -1 },
	} {
		f := fresh(t)
		f.Path = "m.pt"
		require.NoError(t, f.Validate())
		set(f)
		assert.ErrorContains(t, f.Validate(), says)
	}
}

// TestNotLikely: nothing is known of how a module paints, so that its models have no surprise.
func TestNotLikely(t *testing.T) {
	assert.NotImplements(t, (*models.Likely)(nil), &scripted{})
}
