// Package torch is Lethe's only door to libtorch: a small, error-returning layer
// over the C functions of gotch (github.com/sugarme/gotch v0.9.1).
//
// All work happens in a [Scope], which owns every tensor made in it, frees them
// when it closes, remembers the first error, and ties the goroutine to one OS
// thread, because libtorch keeps its gradient mode and gotch its last error per
// thread. Operations after an error do nothing, so a network reads like its
// formula and the error is asked for once, at the end.
//
// Everything is float32, or float64 where it says so. [Scope.Products] takes the
// operands of products and convolutions in bfloat16.
//
// Random numbers never come from libtorch: initial weights, noise and masks are
// drawn in Go from seeded generators, so that two models trained at the same
// time in one process do not disturb each other.
package torch
