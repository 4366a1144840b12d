package weights

import (
	"cmp"
	"fmt"
	"math"

	"github.com/lethe-audit/lethe/internal/checkpoint"
	"github.com/lethe-audit/lethe/internal/torch"
)

// Published says where a tensor of a released checkpoint belongs.
type Published struct {
	Theirs string  // its name in the checkpoint
	Ours   string  // the weight's name here; empty for one that is computed here, or not needed
	Shape  []int64 // in the checkpoint
	// Split and Permute reorder the elements, where theirs is another order: the tensor is reshaped to Split, its axes
	// are permuted as torch.permute does, and it is flattened.
	Split, Permute []int64
	Fixed          []float32 // what must be there where Ours is empty, within 1e-4; nil for a tensor that is not read
	By             string    // what fixes it; the network, where empty
	Optional       bool      // it may be missing, and have any shape; only where Ours is empty
}

// Renamed gives a released checkpoint's arrays the names and shapes of a layout. All that is wrong is in one error.
func Renamed(path, network string, l torch.Layout, names []Published,
	arrays map[string]checkpoint.Array) (map[string]checkpoint.Array, error) {
	var want []need
	for _, n := range names {
		if n.Optional {
			a, ok := arrays[n.Theirs]
			if !ok {
				continue
			}
			n.Shape = a.Shape
		}
		want = append(want, need{n.Theirs, n.Shape})
	}
	if err := compare(path, network, want, arrays); err != nil {
		return nil, err
	}
	shapes := make(map[string][]int64, len(l))
	for _, q := range l {
		shapes[q.Name] = q.Shape
	}
	out := make(map[string]checkpoint.Array, len(l))
	var wrong error // the first tensor that is fixed otherwise
	others := 0
	for _, n := range names {
		a := arrays[n.Theirs]
		if n.Ours == "" {
			if n.Fixed == nil {
				continue
			}
			if i := differs(a.Values, n.Fixed); i >= 0 {
				if wrong == nil {
					wrong = fmt.Errorf("%s: %s[%d] is %g, and %s fixes it at %g", path, n.Theirs, i, a.Values[i], cmp.Or(n.By, network), n.Fixed[i])
				} else {
					others++
				}
			}
			continue
		}
		if n.Split != nil {
			a.Values = permuted(a.Values, n.Split, n.Permute)
		}
		a.Shape = shapes[n.Ours]
		out[n.Ours] = a
	}
	if others > 0 {
		wrong = fmt.Errorf("%w; %d more tensors differ", wrong, others)
	}
	return out, wrong
}

// differs is the first place where values are further apart than 1e-4, or −1.
func differs(a, b []float32) int {
	if len(a) != len(b) {
		return 0
	}
	for i := range a {
		if !(math.Abs(float64(a[i])-float64(b[i])) <= 1e-4) {
			return i
		}
	}
	return -1
}

// permuted is x, of the shape, with its axes in another order.
func permuted(x []float32, shape, axes []int64) []float32 {
	stride := make([]int, len(shape))
	for i, n := len(shape)-1, 1; i >= 0; i-- {
		stride[i] = n
		n *= int(shape[i])
	}
	out := make([]float32, 0, len(x))
	var walk func(axis, at int)
	walk = func(axis, at int) {
		if axis == len(axes) {
			out = append(out, x[at])
			return
		}
		a := axes[axis]
		for k := range int(shape[a]) {
			walk(axis+1, at+k*stride[a])
		}
	}
	walk(0, 0)
	return out
}
