package pickle

import (
	"errors"
	"fmt"
)

// storages hands out the file's numbers. What is read and copied in all is bounded by the file's size.
type storages struct {
	load   func(key string) ([]byte, error)
	room   int // bytes of records that may still be read
	copies int // bytes of numbers that may still be copied into arrays
	raw    map[string][]byte
	arrays map[string]Array
}

// array reads a tensor; the same view of the same storage is read once.
func (s *storages) array(t *pyTensor) (Array, error) {
	name := fmt.Sprintf("%q %d %d %d %v", t.storage.key, t.storage.base, t.offset, t.shape, t.stride)
	if a, ok := s.arrays[name]; ok {
		return a, nil
	}
	raw, n, err := s.raws(t)
	if err != nil {
		return Array{}, err
	}
	a := Array{Shape: append([]int64{}, t.shape...), Values: make([]float32, n)}
	t.each(n, func(i int, at int64) { a.Values[i] = t.storage.kind.float(raw[at:]) })
	s.arrays[name] = a
	return a, nil
}

// bytes are a tensor's elements as they are, of any type.
func (s *storages) bytes(t *pyTensor) ([]byte, error) {
	raw, n, err := s.raws(t)
	if err != nil {
		return nil, err
	}
	size := int64(t.storage.kind.size)
	out := make([]byte, 0, int64(n)*size)
	t.each(n, func(_ int, at int64) { out = append(out, raw[at:at+size]...) })
	return out, nil
}

// raws is the storage of a tensor, and how many elements the tensor has.
func (s *storages) raws(t *pyTensor) ([]byte, int, error) {
	raw, ok := s.raw[t.storage.key]
	if !ok {
		var err error
		if raw, err = s.load(t.storage.key); err != nil {
			return nil, 0, err
		}
		s.raw[t.storage.key] = raw
	}
	size := t.storage.kind.size
	n, err := t.inside(int64(len(raw) / size))
	if err != nil {
		return nil, 0, err
	}
	if s.copies -= n * size; s.copies < 0 {
		return nil, 0, errors.New("the tensors overlap: they have more numbers than the file")
	}
	return raw, n, nil
}
