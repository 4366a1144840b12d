package npy

import (
	"encoding/binary"
	"math"
)

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
