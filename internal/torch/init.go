package torch

import (
	"math"
	"math/rand/v2"
)

// Init says how a weight starts. The zero value is zeros.
type Init struct {
	kind  string
	scale float64
}

// Zeros, Ones and the random initialisations.
var (
	Zeros = Init{kind: "zeros"}
	Ones  = Init{kind: "ones"}
	Keep  = Init{kind: "keep"} // what is there stays
)

// FanIn is PyTorch's default for convolutions and linear layers:
// U(−1/√fanIn, 1/√fanIn), for weights and biases alike.
func FanIn(fanIn int) Init { return Init{"uniform", 1 / math.Sqrt(float64(fanIn))} }

// XavierUniform is U(−√(6/(in+out)), √(6/(in+out))) (Glorot & Bengio 2010).
func XavierUniform(in, out int) Init { return Init{"uniform", math.Sqrt(6 / float64(in+out))} }

// Normal is N(0, std²).
func Normal(std float64) Init { return Init{"normal", std} }

func (i Init) fill(dst []float32, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))
	for k := range dst {
		switch i.kind {
		case "", "zeros":
			dst[k] = 0
		case "ones":
			dst[k] = 1
		case "uniform":
			dst[k] = float32((2*r.Float64() - 1) * i.scale)
		case "normal":
			dst[k] = float32(r.NormFloat64() * i.scale)
		}
	}
}

// AddLinear declares name.weight [out, in] and name.bias [out].
func (l *Layout) AddLinear(name string, in, out int) {
	l.Add(name+".weight", FanIn(in), int64(out), int64(in))
	l.Add(name+".bias", FanIn(in), int64(out))
}

// AddConv declares name.weight [out, in, k, k] and name.bias [out].
func (l *Layout) AddConv(name string, in, out, k int) {
	l.Add(name+".weight", FanIn(in*k*k), int64(out), int64(in), int64(k), int64(k))
	l.Add(name+".bias", FanIn(in*k*k), int64(out))
}

// AddLayerNorm declares name.weight and name.bias [d].
func (l *Layout) AddLayerNorm(name string, d int) {
	l.Add(name+".weight", Ones, int64(d))
	l.Add(name+".bias", Zeros, int64(d))
}

// Linear applies the layer that AddLinear declared.
func (w Weights) Linear(s *Scope, name string, x *Tensor) *Tensor {
	return s.Linear(x, w[name+".weight"], w[name+".bias"])
}

// Conv applies the layer that AddConv declared.
func (w Weights) Conv(s *Scope, name string, x *Tensor, stride, pad int64) *Tensor {
	return s.Conv2D(x, w[name+".weight"], w[name+".bias"], stride, pad)
}

// LayerNorm applies the layer that AddLayerNorm declared, with ε = 1e-6.
func (w Weights) LayerNorm(s *Scope, name string, x *Tensor) *Tensor {
	b := w[name+".bias"]
	if !s.ready("layer_norm "+name, []*Tensor{x, b}) {
		return &Tensor{}
	}
	return s.LayerNorm(x, w[name+".weight"], b, int64(b.Numel()), 1e-6)
}
