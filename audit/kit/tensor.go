package kit

import "github.com/lethe-audit/lethe/internal/torch"

type (
	// Scope owns the tensors that are made in it, remembers the first error, and has all operations.
	Scope = torch.Scope
	// Tensor is a tensor of libtorch.
	Tensor = torch.Tensor
	// Device is where tensors live.
	Device = torch.Device
	// Params are all weights of a network, in one flat vector.
	Params = torch.Params
	// Layout lists a network's weights, in order. Its methods AddLinear, AddConv and others declare layers.
	Layout = torch.Layout
	// Weights are a network's weights by name, with the layers' operations: Linear, Conv and others.
	Weights = torch.Weights
	// Init says how a weight is drawn.
	Init = torch.Init
	// Adam is the optimiser, on a stretch of the flat vector.
	Adam = torch.Adam
)

// CPU is the processor.
const CPU = torch.CPU

// The starts of weights at 0 and at 1.
var (
	Zeros = torch.Zeros
	Ones  = torch.Ones
)

// With calls f with a scope on a device, frees what was made in it, and returns the first error of f or of the scope.
func With(dev Device, f func(s *Scope) error) error { return torch.With(dev, f) }

// NewParams draws initial weights from a seed.
func NewParams(dev Device, l Layout, seed uint64) (*Params, error) {
	return torch.NewParams(dev, l, seed)
}

// ParamsOf makes weights of given values: an embedding, or a change of the input, that gradients are to find.
func ParamsOf(dev Device, l Layout, values []float32) (*Params, error) {
	return torch.ParamsOf(dev, l, values)
}

// NewAdam is the optimiser of the weights from one place on, before another. It is to be freed.
func NewAdam(p *Params, from, to int) (*Adam, error) { return torch.NewAdam(p, from, to) }

// FanIn draws uniformly from ±1/√fanIn.
func FanIn(fanIn int) Init { return torch.FanIn(fanIn) }

// Normal draws from a Gaussian around 0.
func Normal(std float64) Init { return torch.Normal(std) }

// XavierUniform draws uniformly from ±√(6/(in+out)).
func XavierUniform(in, out int) Init { return torch.XavierUniform(in, out) }
