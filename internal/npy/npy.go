// Package npy reads and writes NumPy's .npy and .npz files (the format of numpy.lib.format, versions 1 to 3), the
// field's layout for features and statistics.
//
// A file is not trusted: what its header declares is checked against the bytes that are there before anything of
// that size is allocated.
package npy

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// Array is an array of numbers in C order, whatever the file's order and type. Integers beyond 2⁵³ lose their last
// digits.
type Array struct {
	Shape  []int // empty for a single number
	Values []float64
}

const magic = "\x93NUMPY"

var errTooLarge = errors.New("the file unpacks to far more than its own size: if it is meant so, save it uncompressed (numpy.savez)")

// read takes an array from a stream of size bytes, and what it needs in memory off room.
func read(r io.Reader, size int64, room *int64) (Array, error) {
	h, err := header(r, &size)
	if err != nil {
		return Array{}, err
	}
	n, err := h.count(size)
	if err != nil {
		return Array{}, err
	}
	if *room -= 8 * int64(n); *room < 0 {
		return Array{}, errTooLarge
	}
	values := make([]float64, n)
	if err := h.fill(values, r); err != nil {
		return Array{}, err
	}
	if h.fortran && len(h.shape) > 1 {
		values = rowMajor(values, h.shape)
	}
	return Array{Shape: h.shape, Values: values}, nil
}

// parsed is a .npy header.
type parsed struct {
	kind    kind
	order   binary.ByteOrder
	fortran bool
	shape   []int
}

// header reads a stream's header and takes its length off size.
func header(r io.Reader, size *int64) (parsed, error) {
	short := errors.New("the .npy array is cut short in its header")
	next := func(n int64) ([]byte, error) {
		if *size < n {
			return nil, short
		}
		*size -= n
		b := make([]byte, n)
		_, err := io.ReadFull(r, b)
		return b, err
	}
	b, err := next(10)
	if err != nil || !bytes.HasPrefix(b, []byte(magic)) {
		return parsed{}, errors.Join(errors.New("not a .npy array: it does not begin with NumPy's signature"), err)
	}
	length := int64(binary.LittleEndian.Uint16(b[8:]))
	switch b[6] {
	case 1:
	case 2, 3: // the length has four bytes
		high, err := next(2)
		if err != nil {
			return parsed{}, err
		}
		length |= int64(binary.LittleEndian.Uint16(high)) << 16
		if length > 1<<20 {
			return parsed{}, fmt.Errorf("a .npy header of %d bytes: it describes no array of numbers", length)
		}
	default:
		return parsed{}, fmt.Errorf("a .npy array of version %d.%d: want 1, 2 or 3", b[6], b[7])
	}
	text, err := next(length)
	if err != nil {
		return parsed{}, err
	}
	return parse(string(text))
}

// count multiplies the shape and compares it with the bytes there are.
func (h parsed) count(bytes int64) (int, error) {
	n := int64(1)
	if slices.Contains(h.shape, 0) {
		n = 0
	}
	for _, d := range h.shape {
		if n == 0 {
			break
		}
		if n > bytes/int64(d) { // also keeps the product from overflowing: an element has at least a byte
			return 0, fmt.Errorf("an array of shape %v and type %s does not fit the %d bytes that follow: the file is cut short "+
				"or damaged, write it again", h.shape, h.kind.code, bytes)
		}
		n *= int64(d)
	}
	if n > math.MaxInt/8 || n*int64(h.kind.size) != bytes {
		return 0, fmt.Errorf("an array of shape %v and type %s needs %d bytes, %d follow: the file is cut short or damaged, "+
			"write it again", h.shape, h.kind.code, n*int64(h.kind.size), bytes)
	}
	return int(n), nil
}

// fill reads values to the stream's end, where a .npz file's checksum is compared.
func (h parsed) fill(values []float64, r io.Reader) error {
	b := make([]byte, min(len(values), 8<<10)*h.kind.size)
	for len(values) > 0 {
		n := min(len(values), 8<<10)
		if _, err := io.ReadFull(r, b[:n*h.kind.size]); err != nil {
			return fmt.Errorf("the array's numbers cannot be read: %w", err)
		}
		for i := range n {
			values[i] = h.kind.read(h.order, b[i*h.kind.size:])
		}
		values = values[n:]
	}
	switch _, err := io.ReadFull(r, make([]byte, 1)); err {
	case io.EOF:
		return nil
	case nil:
		return errors.New("the array holds more numbers than it says: the file is damaged, write it again")
	default:
		return fmt.Errorf("the array's numbers cannot be read: %w", err)
	}
}

// rowMajor reorders values whose first index runs fastest.
func rowMajor(v []float64, shape []int) []float64 {
	out := make([]float64, len(v))
	at := make([]int, len(shape))
	for i := range out {
		from, step := 0, 1
		for k, d := range shape {
			from += at[k] * step
			step *= d
		}
		out[i] = v[from]
		for k := len(shape) - 1; k >= 0; k-- {
			if at[k]++; at[k] < shape[k] {
				break
			}
			at[k] = 0
		}
	}
	return out
}
