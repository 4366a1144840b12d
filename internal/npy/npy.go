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
	"math"
	"slices"
)

// Array is an array of numbers in C order, whatever the file's order and type.
type Array struct {
	Shape  []int // empty for a single number
	Values []float64
}

const magic = "\x93NUMPY"

// Decode reads a .npy file's bytes.
func Decode(b []byte) (Array, error) {
	h, data, err := header(b)
	if err != nil {
		return Array{}, err
	}
	n, err := h.count(len(data))
	if err != nil {
		return Array{}, err
	}
	values := make([]float64, n)
	for i := range values {
		values[i] = h.kind.read(h.order, data[i*h.kind.size:])
	}
	a := Array{Shape: h.shape, Values: values}
	if h.fortran && len(h.shape) > 1 {
		a.Values = rowMajor(values, h.shape)
	}
	return a, nil
}

// parsed is a .npy header.
type parsed struct {
	kind    kind
	order   binary.ByteOrder
	fortran bool
	shape   []int
}

// header splits a file into its header and its data.
func header(b []byte) (parsed, []byte, error) {
	if !bytes.HasPrefix(b, []byte(magic)) || len(b) < 10 {
		return parsed{}, nil, errors.New("not a .npy array: it does not begin with NumPy's signature")
	}
	from, size := 10, int(binary.LittleEndian.Uint16(b[8:]))
	switch b[6] {
	case 1:
	case 2, 3:
		if len(b) < 12 {
			return parsed{}, nil, errors.New("the .npy array is cut short in its header")
		}
		from = 12
		long := binary.LittleEndian.Uint32(b[8:])
		if long > 1<<20 {
			return parsed{}, nil, fmt.Errorf("a .npy header of %d bytes: it describes no array of numbers", long)
		}
		size = int(long)
	default:
		return parsed{}, nil, fmt.Errorf("a .npy array of version %d.%d: want 1, 2 or 3", b[6], b[7])
	}
	if len(b)-from < size {
		return parsed{}, nil, errors.New("the .npy array is cut short in its header")
	}
	h, err := parse(string(b[from : from+size]))
	return h, b[from+size:], err
}

// count multiplies the shape and compares it with the bytes there are.
func (h parsed) count(bytes int) (int, error) {
	n := 1
	if slices.Contains(h.shape, 0) {
		n = 0
	}
	for _, d := range h.shape {
		if n == 0 {
			break
		}
		if n > bytes/d { // also keeps the product from overflowing: an element has at least a byte
			return 0, fmt.Errorf("an array of shape %v and type %s does not fit the %d bytes that follow: the file is cut short or damaged", h.shape, h.kind.code, bytes)
		}
		n *= d
	}
	if n*h.kind.size != bytes {
		return 0, fmt.Errorf("an array of shape %v and type %s needs %d bytes, %d follow: the file is cut short or damaged", h.shape, h.kind.code, n*h.kind.size, bytes)
	}
	return n, nil
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

// kind is an element's type.
type kind struct {
	code string // without the byte order, such as f4
	size int
	read func(o binary.ByteOrder, b []byte) float64
}

var kinds = []kind{
	{"f8", 8, func(o binary.ByteOrder, b []byte) float64 { return math.Float64frombits(o.Uint64(b)) }},
	{"f4", 4, func(o binary.ByteOrder, b []byte) float64 { return float64(math.Float32frombits(o.Uint32(b))) }},
	{"f2", 2, func(o binary.ByteOrder, b []byte) float64 { return half(o.Uint16(b)) }},
	{"i8", 8, func(o binary.ByteOrder, b []byte) float64 { return float64(int64(o.Uint64(b))) }},
	{"i4", 4, func(o binary.ByteOrder, b []byte) float64 { return float64(int32(o.Uint32(b))) }},
	{"i2", 2, func(o binary.ByteOrder, b []byte) float64 { return float64(int16(o.Uint16(b))) }},
	{"i1", 1, func(_ binary.ByteOrder, b []byte) float64 { return float64(int8(b[0])) }},
	{"u8", 8, func(o binary.ByteOrder, b []byte) float64 { return float64(o.Uint64(b)) }},
	{"u4", 4, func(o binary.ByteOrder, b []byte) float64 { return float64(o.Uint32(b)) }},
	{"u2", 2, func(o binary.ByteOrder, b []byte) float64 { return float64(o.Uint16(b)) }},
	{"u1", 1, func(_ binary.ByteOrder, b []byte) float64 { return float64(b[0]) }},
	{"b1", 1, func(_ binary.ByteOrder, b []byte) float64 { return float64(b[0]) }},
}

// half is a 16-bit float: 1 sign, 5 exponent and 10 fraction bits (IEEE 754 binary16).
func half(b uint16) float64 {
	sign := 1.0
	if b>>15 == 1 {
		sign = -1
	}
	e, f := int(b>>10&31), float64(b&1023)
	switch e {
	case 0:
		return sign * math.Ldexp(f, -24)
	case 31:
		if f != 0 {
			return math.NaN()
		}
		return sign * math.Inf(1)
	}
	return sign * math.Ldexp(1024+f, e-25)
}
