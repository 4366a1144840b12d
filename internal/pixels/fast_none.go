//go:build !cgo || !linux || !amd64

package pixels

// Without cgo, or on another processor, the Go code does everything.

func fastRows8([]uint8, strides, Image, *fixedAxis) int                   { return 0 }
func fastColumns8([]uint8, []float32, []uint8, int, int, *fixedAxis) bool { return false }
func fastRows64([]float32, Image, *axis) bool                             { return false }
func fastColumns64([]float32, []float32, int, int, *axis) bool            { return false }
func fastDivide([]float32, float32) bool                                  { return false }
func fastClip([]float32) bool                                             { return false }
func fastMix([]float32, []float32, []float32, float32) bool               { return false }
