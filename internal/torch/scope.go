package torch

import (
	"fmt"
	"runtime"
	"sync/atomic"

	lib "github.com/sugarme/gotch/libtch"
)

// A Tensor is a handle on a libtorch tensor. It lives until its scope closes,
// or until Free if it was kept.
type Tensor struct{ c lib.Ctensor }

// live counts the handles that exist, for leak tests.
var live atomic.Int64

// Live is the number of tensor handles that have not been freed, for leak tests.
func Live() int64 { return live.Load() }

// Free releases a kept tensor. Freeing twice is harmless.
func (t *Tensor) Free() {
	if t == nil || t.c == nil {
		return
	}
	lib.AtFree(t.c)
	t.c = nil
	live.Add(-1)
}

// A Scope owns the tensors made in it and remembers the first error. It belongs
// to one goroutine, which it ties to one OS thread until it is closed.
type Scope struct {
	dev      Device
	owned    []*Tensor
	err      error
	closed   bool
	products rounding
}

// NewScope opens a scope on a device. Close it on the same goroutine.
func NewScope(dev Device) *Scope {
	runtime.LockOSThread()
	return &Scope{dev: dev}
}

// Close frees every tensor of the scope that was not kept.
func (s *Scope) Close() {
	if s.closed {
		return
	}
	s.closed = true
	for _, t := range s.owned {
		t.Free()
	}
	s.owned = nil
	runtime.UnlockOSThread()
}

// Err is the first error of the scope's operations.
func (s *Scope) Err() error { return s.err }

// Fail records an error; the first one stays.
func (s *Scope) Fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

// Device is where the scope makes its tensors.
func (s *Scope) Device() Device { return s.dev }

// Keep takes t out of the scope: the caller frees it.
func (s *Scope) Keep(t *Tensor) *Tensor {
	for i := len(s.owned) - 1; i >= 0; i-- {
		if s.owned[i] == t {
			s.owned = append(s.owned[:i], s.owned[i+1:]...)
			break
		}
	}
	return t
}

// NoGrad runs f without recording gradients and restores the mode before.
func (s *Scope) NoGrad(f func()) {
	before := setGrad(false)
	defer setGrad(before)
	f()
}

// With opens a scope, runs f in it, and returns f's error or the scope's.
func With(dev Device, f func(s *Scope) error) error {
	s := NewScope(dev)
	defer s.Close()
	if err := f(s); err != nil {
		return err
	}
	return s.err
}

func (s *Scope) own(c lib.Ctensor) *Tensor {
	live.Add(1)
	t := &Tensor{c: c}
	s.owned = append(s.owned, t)
	return t
}

// op runs one libtorch operation that writes one new handle.
func (s *Scope) op(name string, f func(out *lib.Ctensor), in ...*Tensor) *Tensor {
	if !s.ready(name, in) {
		return &Tensor{}
	}
	var out lib.Ctensor
	f(&out)
	if err := lastError(); err != nil {
		s.Fail(fmt.Errorf("%s%s: %w", name, s.shapes(in), err))
		return &Tensor{}
	}
	return s.own(out)
}

// inPlace runs an operation that changes its first operand. gotch returns a
// second handle on the same storage, which would keep it alive for ever.
func (s *Scope) inPlace(name string, f func(out *lib.Ctensor), in ...*Tensor) {
	if !s.ready(name, in) {
		return
	}
	var out lib.Ctensor
	f(&out)
	if err := lastError(); err != nil {
		s.Fail(fmt.Errorf("%s%s: %w", name, s.shapes(in), err))
		return
	}
	if out != nil && out != in[0].c {
		lib.AtFree(out)
	}
}

func (s *Scope) ready(name string, in []*Tensor) bool {
	if s.err != nil {
		return false
	}
	if s.closed {
		s.Fail(fmt.Errorf("%s: the scope is closed", name))
		return false
	}
	for i, t := range in {
		if t == nil || t.c == nil {
			s.Fail(fmt.Errorf("%s: operand %d does not exist or was freed", name, i))
			return false
		}
	}
	return true
}

func (s *Scope) shapes(in []*Tensor) string {
	if len(in) == 0 {
		return ""
	}
	text := " of "
	for i, t := range in {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprint(t.Shape())
	}
	return text
}
