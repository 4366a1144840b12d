package torch

// Native runs f as a scope on CUDA runs products in bfloat16: by kernels of that type.
func (s *Scope) Native(f func()) {
	before := s.products
	defer func() { s.products = before }()
	s.products = native
	f()
}

// Parts of the description of this process, and the digest of a small training run's weights.
var (
	BuildNote      = gnuBuildID
	Identity       = identity
	Mapped         = mapped
	ParseProcessor = parseProcessor
	KernelsOf      = kernels
	Environment    = environment
	Untold         = untold
	Version        = version
	TrainSmall     = trainSmall
)
