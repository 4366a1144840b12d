package pickle

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// numbers is what a storage's class says of its elements.
type numbers struct {
	size  int
	float func(b []byte) float32 // nil for integers
}

// storageClass knows PyTorch's storages of plain numbers.
func storageClass(c pyClass) (numbers, bool) {
	switch c {
	case "torch.FloatStorage":
		return numbers{4, func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }}, true
	case "torch.DoubleStorage":
		return numbers{8, func(b []byte) float32 { return float32(math.Float64frombits(binary.LittleEndian.Uint64(b))) }}, true
	case "torch.HalfStorage":
		return numbers{2, func(b []byte) float32 { return half(binary.LittleEndian.Uint16(b)) }}, true
	case "torch.BFloat16Storage":
		return numbers{2, func(b []byte) float32 { return math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16) }}, true
	case "torch.LongStorage":
		return numbers{size: 8}, true
	case "torch.IntStorage":
		return numbers{size: 4}, true
	case "torch.ShortStorage":
		return numbers{size: 2}, true
	case "torch.CharStorage", "torch.ByteStorage", "torch.BoolStorage":
		return numbers{size: 1}, true
	}
	return numbers{}, false
}

// half is IEEE 754 binary16.
func half(b uint16) float32 {
	sign, exp, frac := 1-2*float64(b>>15), int(b>>10&31), float64(b&1023)
	switch exp {
	case 0:
		return float32(sign * math.Ldexp(frac, -24))
	case 31:
		if frac != 0 {
			return float32(math.NaN())
		}
		return float32(math.Inf(int(sign)))
	}
	return float32(sign * math.Ldexp(1024+frac, exp-25))
}

// A pyStorage names numbers that lie elsewhere in the file.
type pyStorage struct {
	key   string
	class pyClass
	kind  numbers
	base  int64 // where a view of another storage begins
}

// A pyTensor is a strided view of a storage.
type pyTensor struct {
	storage       *pyStorage
	offset        int64
	shape, stride []int64
}

// storage makes a reference of ("storage", class, key, device, size) and, in legacy files, None or a view (key,
// offset, size).
func (p *machine) storage(id pyTuple) (any, error) {
	bad := errors.New("the pickle names a storage in a way that torch.save does not")
	if len(id) < 5 || id[0] != "storage" {
		return nil, bad
	}
	class, ok := id[1].(pyClass)
	key, named := id[2].(string)
	if !ok || !named {
		return nil, bad
	}
	kind, ok := storageClass(class)
	if !ok {
		return nil, fmt.Errorf("numbers of %.40q cannot be read: save float32", string(class))
	}
	if before, ok := p.kinds[key]; ok && (before.size != kind.size || (before.float == nil) != (kind.float == nil)) {
		return nil, bad
	}
	p.kinds[key] = kind
	s := &pyStorage{key: key, class: class, kind: kind}
	if len(id) > 5 && id[5] != nil {
		view, ok := id[5].(pyTuple)
		if !ok || len(view) != 3 {
			return nil, bad
		}
		if s.base, ok = view[1].(int64); !ok || s.base < 0 {
			return nil, bad
		}
	}
	return s, nil
}

// maxDims is more than any network's weights have.
const maxDims = 8

// rebuild makes a tensor of (storage, offset, shape, strides, …).
func rebuild(args pyTuple) (any, error) {
	bad := errors.New("a tensor without storage, offset, shape or strides")
	if len(args) < 4 {
		return nil, bad
	}
	s, ok := args[0].(*pyStorage)
	offset, isInt := args[1].(int64)
	shape, isShape := args[2].(pyTuple)
	stride, isStride := args[3].(pyTuple)
	if !ok || !isInt || !isShape || !isStride || offset < 0 || len(shape) != len(stride) || len(shape) > maxDims {
		return nil, bad
	}
	t := &pyTensor{storage: s, offset: offset}
	for i := range shape {
		n, ok := shape[i].(int64)
		by, fine := stride[i].(int64)
		if !ok || !fine || n < 0 || by < 0 {
			return nil, bad
		}
		t.shape, t.stride = append(t.shape, n), append(t.stride, by)
	}
	return t, nil
}

// each calls f with the place in bytes of each of n elements, row by row.
func (t *pyTensor) each(n int, f func(i int, at int64)) {
	index := make([]int64, len(t.shape))
	at := t.storage.base + t.offset
	for i := range n {
		f(i, at*int64(t.storage.kind.size))
		for k := len(index) - 1; k >= 0; k-- { // the next element, the last dimension first
			index[k]++
			at += t.stride[k]
			if index[k] < t.shape[k] {
				break
			}
			at -= index[k] * t.stride[k]
			index[k] = 0
		}
	}
}

// inside counts the elements and checks that they lie within a storage of n.
func (t *pyTensor) inside(n int64) (int, error) {
	outside := fmt.Errorf("shape %v, strides %v and offset %d leave its storage of %d numbers", t.shape, t.stride, t.offset, n)
	count := int64(1)
	for _, d := range t.shape {
		if d == 0 {
			return 0, nil
		}
		if d > n || count > n/d { // repeated elements too: no weights are stored so
			return 0, outside
		}
		count *= d
	}
	if t.storage.base > n || t.offset > n {
		return 0, outside
	}
	last := t.storage.base + t.offset
	for i, d := range t.shape {
		if d > 1 && (t.stride[i] > n || (d-1) > n/max(t.stride[i], 1)) {
			return 0, outside
		}
		last += (d - 1) * t.stride[i]
		if d == 1 {
			continue
		}
		if last >= n {
			return 0, outside
		}
	}
	if last >= n {
		return 0, outside
	}
	return int(count), nil
}
