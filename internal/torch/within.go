package torch

// Within runs f in a scope of its own, of the same precision, and takes over what f returns. Everything else that f
// made is freed at once, but for what a gradient's graph still needs: long forward passes keep their memory small with
// it.
func (s *Scope) Within(f func(in *Scope) *Tensor) *Tensor {
	if s.err != nil {
		return &Tensor{}
	}
	in := NewScope(s.dev)
	in.products = s.products
	defer in.Close()
	t := f(in)
	if in.err != nil {
		s.Fail(in.err)
		return &Tensor{}
	}
	s.owned = append(s.owned, in.Keep(t))
	return t
}
