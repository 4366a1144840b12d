package torch

// Native runs f as a scope on CUDA runs products in bfloat16: by kernels of that type.
func (s *Scope) Native(f func()) {
	before := s.products
	defer func() { s.products = before }()
	s.products = native
	f()
}
