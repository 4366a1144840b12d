package torch_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/torch"
)

// array is a tensor in ops.json.
type array struct {
	Shape   []int64   `json:"shape"`
	Floats  []float32 `json:"floats"`
	Doubles []float64 `json:"doubles"`
	Ints    []int64   `json:"ints"`
}

func (a array) tensor(s *torch.Scope) *torch.Tensor {
	switch {
	case a.Ints != nil:
		return s.FromInts(a.Ints, a.Shape...)
	case a.Doubles != nil:
		return s.FromDoubles(a.Doubles, a.Shape...)
	}
	return s.FromFloats(a.Floats, a.Shape...)
}

// A golden is one operation as PyTorch 1.13.1 computed it: out = op(in…), and
// the gradient of mean(out²) for the first operand. See testdata/golden.py.
type golden struct {
	Op    string  `json:"op"`
	In    []array `json:"in"`
	Args  []int64 `json:"args"`
	Value float64 `json:"value"`
	Out   array   `json:"out"`
	Grad  *array  `json:"grad"`
}

// call applies an operation by its name.
func (g golden) call(s *torch.Scope, in []*torch.Tensor) *torch.Tensor {
	x, arg := in[0], g.Args
	switch g.Op {
	case "Scale":
		return s.Scale(x, g.Value)
	case "Shift":
		return s.Shift(x, g.Value)
	case "ClampMax":
		return s.ClampMax(x, g.Value)
	case "Clamp": // quarters
		return s.Clamp(x, float64(arg[0])/4, float64(arg[1])/4)
	case "GroupNorm":
		return s.GroupNorm(x, in[1], in[2], arg[0], g.Value)
	case "LayerNorm":
		return s.LayerNorm(x, in[1], in[2], arg[0], g.Value)
	case "BatchNormEval":
		return s.BatchNormEval(x, in[1], in[2], in[3], in[4], g.Value)
	case "SmoothedCrossEntropy":
		return s.SmoothedCrossEntropy(x, in[1], g.Value)
	case "SumDims":
		return s.SumDims(x, arg[0] == 1, arg[1:]...)
	case "MeanDims":
		return s.MeanDims(x, arg[0] == 1, arg[1:]...)
	case "Reshape":
		return s.Reshape(x, arg...)
	case "Permute":
		return s.Permute(x, arg...)
	case "Expand":
		return s.Expand(x, arg...)
	case "Cat":
		return s.Cat(arg[0], in...)
	case "IndexSelect":
		return s.IndexSelect(x, arg[0], in[1])
	case "Gather":
		return s.Gather(x, arg[0], in[1])
	}
	// The rest take their tensors, then their numbers.
	var values []reflect.Value
	for _, t := range in {
		values = append(values, reflect.ValueOf(t))
	}
	for _, a := range arg {
		values = append(values, reflect.ValueOf(a))
	}
	out, ok := reflect.ValueOf(s).MethodByName(g.Op).Call(values)[0].Interface().(*torch.Tensor)
	if !ok {
		s.Fail(fmt.Errorf("%s does not return a tensor", g.Op))
	}
	return out
}

func goldens(t *testing.T) []golden {
	var all []golden
	readGolden(t, "ops.json", &all)
	return all
}

// Float32 results of two builds of one library: the last bits may differ.
const opTolerance = 2e-6

func TestOperationsArePyTorchs(t *testing.T) {
	for i, g := range goldens(t) {
		t.Run(fmt.Sprintf("%s-%d", g.Op, i), func(t *testing.T) {
			on(t, func(s *torch.Scope) {
				in := make([]*torch.Tensor, len(g.In))
				for k, a := range g.In {
					in[k] = a.tensor(s)
				}
				if g.In[0].Floats != nil {
					s.RequireGrad(in[0])
				}
				out := g.call(s, in)
				require.NoError(t, s.Err())
				assert.Equal(t, g.Out.Shape, append([]int64{}, out.Shape()...))
				if g.Out.Doubles != nil {
					same(t, g.Out.Doubles, s.Doubles(out), 1e-12, "values")
					return
				}
				if g.Out.Ints != nil {
					assert.Equal(t, g.Out.Ints, s.Ints(out))
					return
				}
				same(t, g.Out.Floats, s.Floats(out), opTolerance, "values")
				if g.Grad == nil {
					return
				}
				grad := s.Gradient(s.Mean(s.Square(out)), in[0])
				assert.Equal(t, g.Grad.Shape, grad.Shape())
				same(t, g.Grad.Floats, s.Floats(grad), opTolerance, "gradient")
			})
		})
	}
}

// TestEveryOperationHasAGolden finds methods of Scope that return a tensor and
// were forgotten above.
func TestEveryOperationHasAGolden(t *testing.T) {
	covered := map[string]bool{
		// not operations; they have tests of their own
		"FromFloats": true, "FromInts": true, "FromDoubles": true, "Over": true, "Zeros": true, "Keep": true, "Within": true, "Gradient": true,
	}
	for _, g := range goldens(t) {
		covered[g.Op] = true
	}
	scope, tensor := reflect.TypeFor[*torch.Scope](), reflect.TypeFor[*torch.Tensor]()
	for m := range scope.Methods() {
		if m.Type.NumOut() == 1 && m.Type.Out(0) == tensor {
			assert.True(t, covered[m.Name], "Scope.%s has no golden value", m.Name)
		}
	}
}

func TestTensorsRoundTrip(t *testing.T) {
	on(t, func(s *torch.Scope) {
		assert.Equal(t, []float32{1.5, -2, 3, 0, 5, 6}, s.Floats(s.FromFloats([]float32{1.5, -2, 3, 0, 5, 6}, 2, 3)))
		assert.Equal(t, []float64{1e-300, 2}, s.Doubles(s.FromDoubles([]float64{1e-300, 2}, 2)))
		z := s.Zeros(2, 1, 3)
		assert.Equal(t, []int64{2, 1, 3}, z.Shape())
		assert.Equal(t, 6, z.Numel())
		assert.Equal(t, make([]float32, 6), s.Floats(z))
		// A view is read in its own order, not its storage's.
		assert.Equal(t, []float32{1, 3, 2, 4}, s.Floats(s.Transpose(s.FromFloats([]float32{1, 2, 3, 4}, 2, 2), 0, 1)))
		assert.InDelta(t, -2.5, s.Item(s.FromFloats([]float32{-2.5}, 1, 1)), 0)
		a, b := s.FromFloats([]float32{1, 2}, 2), s.FromFloats([]float32{7, 8}, 2)
		s.CopyInto(a, b)
		assert.Equal(t, []float32{7, 8}, s.Floats(a))
	})
}

func TestReadingRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		want string
		f    func(s *torch.Scope)
	}{
		"floats of doubles":  {"want float32", func(s *torch.Scope) { s.Floats(s.FromDoubles([]float64{1}, 1)) }},
		"doubles of floats":  {"want float64", func(s *torch.Scope) { s.Doubles(s.Zeros(1)) }},
		"item of two":        {"2 elements", func(s *torch.Scope) { s.Item(s.Zeros(2)) }},
		"item of doubles":    {"want float32", func(s *torch.Scope) { s.Item(s.FromDoubles([]float64{1}, 1)) }},
		"values for a shape": {"shape [2 2] cannot hold 3 values", func(s *torch.Scope) { s.FromFloats(make([]float32, 3), 2, 2) }},
		"ints for a shape":   {"shape [3] cannot hold 1 values", func(s *torch.Scope) { s.FromInts([]int64{1}, 3) }},
		"doubles, no values": {"shape [0] cannot hold 0 values", func(s *torch.Scope) { s.FromDoubles(nil, 0) }},
		"two minus signs":    {"tensor", func(s *torch.Scope) { s.FromFloats(make([]float32, 6), -2, -3) }},
		"copy of a shape":    {"copy [3] into [2]", func(s *torch.Scope) { s.CopyInto(s.Zeros(2), s.Zeros(3)) }},
	} {
		t.Run(name, func(t *testing.T) {
			assert.ErrorContains(t, fails(t, c.f), c.want)
		})
	}
}

func TestParseDevice(t *testing.T) {
	for _, name := range []string{"", "cpu"} {
		d, err := torch.ParseDevice(name)
		require.NoError(t, err)
		assert.Equal(t, torch.CPU, d)
		assert.Equal(t, "cpu", d.String())
	}
	n := torch.CUDADevices()
	d, err := torch.ParseDevice("auto")
	require.NoError(t, err)
	if n == 0 {
		assert.Equal(t, torch.CPU, d)
		_, err = torch.ParseDevice("cuda")
		assert.ErrorContains(t, err, "sees 0 CUDA devices; use cpu or auto")
	} else {
		assert.Equal(t, "cuda:0", d.String())
	}
	for name, want := range map[string]string{
		"cuda:999": "CUDA devices", "cuda:-1": "want cuda:0", "cuda:": "want cuda:0", "cuda:x": "want cuda:0",
		"gpu": "unknown device", "CPU": "unknown device", "cudax": "unknown device",
	} {
		_, err := torch.ParseDevice(name)
		assert.ErrorContains(t, err, want, name)
		assert.ErrorContains(t, err, fmt.Sprintf("%q", name))
	}
}
