package torch

// #cgo linux LDFLAGS: -ldl
// #define _GNU_SOURCE
// #include <dlfcn.h>
// #include <malloc.h>
// #include <stdint.h>
// #include <stdlib.h>
// void at_manual_seed(int64_t);
// int at_get_num_threads();
// void at_set_num_threads(int);
// int at_grad_set_enabled(int);
//
// // OpenBLAS has its own threads, which libtorch's setting does not reach.
// static int lethe_blas_threads(int n) {
//   void (*set)(int) = (void (*)(int))dlsym(RTLD_DEFAULT, "openblas_set_num_threads");
//   int (*get)(void) = (int (*)(void))dlsym(RTLD_DEFAULT, "openblas_get_num_threads");
//   if (!set || !get) return -1;
//   if (n > 0) set(n);
//   return get();
// }
//
// // TorchScript's optimiser of graphs is switched for the calling thread; C++ exports no C name for it.
// static int lethe_optimise_graphs(int on) {
//   void (*set)(_Bool) = (void (*)(_Bool))dlsym(RTLD_DEFAULT, "_ZN5torch3jit24setGraphExecutorOptimizeEb");
//   _Bool (*get)(void) = (_Bool (*)(void))dlsym(RTLD_DEFAULT, "_ZN5torch3jit24getGraphExecutorOptimizeEv");
//   if (!set || !get) return -1;
//   int before = get();
//   set(on);
//   return before;
// }
//
// // glibc gives large blocks back to the kernel as soon as they are freed, and a
// // training step frees and takes the same ones again, page fault by page fault.
// static void lethe_keep_memory(void) {
// #ifdef __GLIBC__
//   mallopt(M_MMAP_THRESHOLD, 32 << 20);
//   mallopt(M_TRIM_THRESHOLD, 256 << 20);
//   mallopt(M_TOP_PAD, 16 << 20);
// #endif
// }
//
// static void lethe_release_memory(void) {
// #ifdef __GLIBC__
//   malloc_trim(0);
// #endif
// }
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"unsafe"

	lib "github.com/sugarme/gotch/libtch"
)

func init() { C.lethe_keep_memory() } //nolint:gochecknoinits // before libtorch takes its first block

// Seed seeds libtorch's own generator. Lethe's code draws nothing from it; it
// matters only for TorchScript modules that sample. For tests.
func Seed(seed int64) { C.at_manual_seed(C.int64_t(seed)) }

// SetThreads sets how many threads one operator may use on the calling OS
// thread, and holds OpenBLAS at one: two layers of threads slow each other down
// by two orders of magnitude on a busy machine.
func SetThreads(n int) {
	if n < 1 {
		n = 1
	}
	C.at_set_num_threads(C.int(n))
	C.lethe_blas_threads(1)
}

// Release gives memory that was freed, by Go and by libtorch, back to the system: between stretches of work whose
// buffers differ.
func Release() {
	debug.FreeOSMemory()
	C.lethe_release_memory()
}

// Threads is the number of threads that one operator may use.
func Threads() int { return int(C.at_get_num_threads()) }

// BLASThreads is OpenBLAS's number of threads, or false where libtorch uses
// another BLAS.
func BLASThreads() (int, bool) {
	n := int(C.lethe_blas_threads(0))
	return n, n > 0
}

// setGrad switches gradient recording on this OS thread and returns the
// previous mode.
func setGrad(on bool) bool {
	v := C.int(0)
	if on {
		v = 1
	}
	return C.at_grad_set_enabled(v) != 0
}

// optimiseGraphs switches TorchScript's optimiser on this OS thread and returns
// the previous mode, and false where this libtorch does not let it be switched.
func optimiseGraphs(on bool) (before, ok bool) {
	v := C.int(0)
	if on {
		v = 1
	}
	b := C.lethe_optimise_graphs(v)
	return b > 0, b >= 0
}

// lastError takes gotch's error of this OS thread, without the C++ stack.
func lastError() error {
	p := unsafe.Pointer(lib.GetAndResetLastErr())
	if p == nil {
		return nil
	}
	msg := C.GoString((*C.char)(p))
	C.free(p)
	msg, _, _ = strings.Cut(msg, "\nException raised from")
	return errors.New(strings.TrimSpace(msg))
}

// split is torch.split_with_sizes along dimension 0 of a vector.
func split(c lib.Ctensor, sizes []int64) ([]lib.Ctensor, error) {
	p := lib.AtgSplitWithSizes(c, sizes, len(sizes), 0)
	if err := lastError(); err != nil {
		return nil, fmt.Errorf("split: %w", err)
	}
	out := make([]lib.Ctensor, len(sizes))
	copy(out, unsafe.Slice(p, len(sizes)))
	C.free(unsafe.Pointer(p))
	return out, nil
}

// onThread runs f on one OS thread, so that the error it reads is its own.
func onThread(f func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	f()
}
