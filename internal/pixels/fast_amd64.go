//go:build cgo && linux

package pixels

// #cgo CFLAGS: -O3
// #include "avx2.h"
import "C"

import "unsafe"

var avx2 = C.lethe_avx2() != 0

func ints(s []int32) *C.int32_t     { return (*C.int32_t)(unsafe.Pointer(unsafe.SliceData(s))) }
func bytes8(s []uint8) *C.uint8_t   { return (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(s))) }
func floats(s []float32) *C.float   { return (*C.float)(unsafe.Pointer(unsafe.SliceData(s))) }
func doubles(s []float64) *C.double { return (*C.double)(unsafe.Pointer(unsafe.SliceData(s))) }

// fastRows8 does the first rows and returns their number: those from which no
// read can leave the picture.
func fastRows8(dst []uint8, s strides, m Image, a *fixedAxis) int {
	beyond := 4 + 3*max(0, a.taps-a.in)
	n := (3*m.W*m.H - beyond) / (3 * m.W) / 2 * 2
	if !avx2 || n <= 0 {
		return 0
	}
	C.lethe_rows8(bytes8(m.Pix), C.long(3*m.W), C.long(n), bytes8(dst), C.long(s.row), C.long(s.pixel), C.long(s.plane),
		ints(a.from), ints(a.pairs), C.long(a.taps), C.long(a.out))
	return n
}

// fastColumns8 writes bytes or floats, whichever destination is given.
func fastColumns8(dst8 []uint8, dst32 []float32, src []uint8, n, planes int, a *fixedAxis) bool {
	if !avx2 || n < 16 {
		return false
	}
	C.lethe_columns8(bytes8(src), C.long(n), C.long(planes), bytes8(dst8), floats(dst32), ints(a.from), ints(a.count),
		ints(a.pairs), C.long(a.taps), C.long(a.in), C.long(a.out))
	return true
}

func fastRows64(dst []float32, m Image, a *axis) bool {
	if !avx2 {
		return false
	}
	wide := make([]float64, 4*m.W)
	C.lethe_rows64(bytes8(m.Pix), C.long(m.W), C.long(m.H), floats(dst), doubles(wide), ints(a.from), ints(a.count),
		doubles(a.weight), C.long(a.taps), C.long(a.out))
	return true
}

func fastColumns64(dst, src []float32, n, planes int, a *axis) bool {
	if !avx2 || n < 8 {
		return false
	}
	C.lethe_columns64(floats(src), C.long(n), C.long(planes), floats(dst), ints(a.from), ints(a.count), doubles(a.weight),
		C.long(a.taps), C.long(a.in), C.long(a.out))
	return true
}

func fastDivide(x []float32, by float32) bool {
	if !avx2 || len(x) == 0 {
		return false
	}
	C.lethe_divide(floats(x), C.long(len(x)), C.float(by))
	return true
}

func fastClip(x []float32) bool {
	if !avx2 || len(x) == 0 {
		return false
	}
	C.lethe_clip(floats(x), C.long(len(x)))
	return true
}

func fastMix(dst, top, bottom []float32, share float32) bool {
	if !avx2 || len(dst) == 0 {
		return false
	}
	C.lethe_mix(floats(dst), floats(top), floats(bottom), C.long(len(dst)), C.float(share))
	return true
}
