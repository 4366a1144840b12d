package torch

// #define _GNU_SOURCE
// #include <dlfcn.h>
// #include <stdint.h>
// #include <stdlib.h>
// char *lethe_show_config(void); // kernels.cc
//
// static int lethe_has(const char *name) { return dlsym(RTLD_DEFAULT, name) != NULL; }
//
// // The functions below are called only where lethe_has found them.
// static int lethe_call_int(const char *name) {
//   return ((int (*)(void))dlsym(RTLD_DEFAULT, name))();
// }
// static const char *lethe_call_text(const char *name) {
//   return ((const char *(*)(void))dlsym(RTLD_DEFAULT, name))();
// }
// static const char *lethe_isa_name(int isa) {
//   const char *(*name)(int) = (const char *(*)(int))dlsym(RTLD_DEFAULT, "dnnl_cpu_isa2str");
//   return name ? name(isa) : NULL;
// }
// static int lethe_fpmath(int *mode) {
//   int (*get)(int *) = (int (*)(int *))dlsym(RTLD_DEFAULT, "dnnl_get_default_fpmath_mode");
//   return get ? get(mode) : -1;
// }
// // How far into its library a function begins: of a function with variants the loader has taken one, and dlsym takes
// // the same.
// static int64_t lethe_offset(const char *name) {
//   Dl_info i;
//   char *p = dlsym(RTLD_DEFAULT, name);
//   return p && dladdr(p, &i) ? p - (char *)i.dli_fbase : -1;
// }
import "C"

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"unsafe"

	"github.com/lethe-audit/lethe/audit"
)

// Kernels is which of their variants the libraries of this process compute with. They choose by the processor and by
// variables of the environment, and one choice gives other bits than another. The libraries themselves were asked; the
// zero value of a field is a library that is not here or does not tell, whose variables are in Environment.
type Kernels struct {
	ATen        string   `json:"aten,omitempty"`   // "AVX2"; "NO AVX" is the least
	OneDNN      string   `json:"oneDNN,omitempty"` // the widest instruction set that it may use: "avx512_core"
	Hints       int      `json:"hints,omitempty"`  // oneDNN's: 2 prefers narrower vectors
	Floats      int      `json:"floats,omitempty"` // oneDNN's floating-point mode: 0 computes float32 in float32
	OpenBLAS    string   `json:"openBLAS,omitempty"`
	Core        string   `json:"core,omitempty"` // of OpenBLAS: "Haswell"
	MKL         string   `json:"mkl,omitempty"`  // version
	Libm        string   `json:"libm,omitempty"` // where the chosen variants of its functions are within it
	OpenMP      OpenMP   `json:"openMP"`
	Environment []string `json:"environment,omitempty"` // NAME=value, of variables that change bits and of which no library tells
}

// OpenMP is how its runtime keeps to the number of threads that it is told to use, by which sums are split.
type OpenMP struct {
	Dynamic bool `json:"dynamic,omitempty"` // it may take fewer
	Limit   int  `json:"limit,omitempty"`   // it never takes more; 0 where there is no OpenMP that tells
}

// kernels asks the libraries of this process. Config is libtorch's description of itself.
func kernels(config string) Kernels {
	k := Kernels{ATen: firstMatch(capabilityPattern, config), MKL: firstMatch(mklPattern, config), Libm: libm()}
	told := has("dnnl_get_effective_cpu_isa") && has("dnnl_get_cpu_isa_hints") && has("dnnl_get_default_fpmath_mode")
	if told {
		isa := call("dnnl_get_effective_cpu_isa")
		k.OneDNN = fmt.Sprintf("%#x", isa)
		if name, ok := strings.CutPrefix(C.GoString(C.lethe_isa_name(C.int(isa))), "cpu_isa_"); ok {
			k.OneDNN = name
		}
		k.Hints = call("dnnl_get_cpu_isa_hints")
		var mode C.int
		told = C.lethe_fpmath(&mode) == 0
		k.Floats = int(mode)
	}
	k.OpenBLAS, k.Core = text("openblas_get_config"), text("openblas_get_corename")
	if has("omp_get_dynamic") && has("omp_get_thread_limit") {
		k.OpenMP = OpenMP{Dynamic: call("omp_get_dynamic") != 0, Limit: call("omp_get_thread_limit")}
	}
	k.Environment = environment(untold(k, told))
	return k
}

// String names the choices: "ATen AVX2, oneDNN AVX512_CORE, OpenBLAS Haswell, libm 3f7a", and what is not as usual. The
// variants of libm's functions have no names: the four digits are of a digest, equal where the variants are.
func (k Kernels) String() string {
	var out []string
	for _, l := range []struct{ name, choice string }{
		{"ATen", k.ATen}, {"oneDNN", strings.ToUpper(k.OneDNN)}, {"OpenBLAS", k.Core}, {"MKL", k.MKL},
	} {
		if l.choice != "" {
			out = append(out, l.name+" "+l.choice)
		}
	}
	if k.Libm != "" {
		out = append(out, "libm "+string(audit.DigestBytes([]byte(k.Libm)))[:4])
	}
	if k.Hints != 0 {
		out = append(out, fmt.Sprintf("oneDNN hints %d", k.Hints))
	}
	if k.Floats != 0 {
		out = append(out, fmt.Sprintf("oneDNN floats %d", k.Floats))
	}
	if o := k.OpenMP; o.Dynamic {
		out = append(out, "OpenMP with fewer threads at times")
	}
	if o := k.OpenMP; o.Limit != 0 && o.Limit != math.MaxInt32 {
		out = append(out, fmt.Sprintf("OpenMP with at most %d threads", o.Limit))
	}
	return strings.Join(append(out, k.Environment...), ", ")
}

var (
	capabilityPattern = regexp.MustCompile(`CPU capability usage: ([^\n]+)`)
	mklPattern        = regexp.MustCompile(`Math Kernel Library Version ([\d.]+)`)
)

func firstMatch(p *regexp.Regexp, s string) string {
	if m := p.FindStringSubmatch(s); m != nil {
		return strings.TrimSpace(m[1])
	}
	return ""
}

// showConfig is libtorch's description of itself, or "".
func showConfig() string {
	p := C.lethe_show_config()
	defer C.free(unsafe.Pointer(p))
	if p == nil {
		return ""
	}
	return C.GoString(p)
}

// libm tells by which of their variants functions of the C library's mathematics were resolved: "sinf+73720 …".
func libm() string {
	var out []string
	for _, name := range []string{
		"expf", "exp2f", "logf", "log2f", "powf", "sinf", "cosf", "sincosf", "tanhf", "fmaf",
		"exp", "expm1", "log", "log1p", "pow", "sin", "tan", "atan", "tanh",
	} {
		c := C.CString(name)
		at := int64(C.lethe_offset(c))
		C.free(unsafe.Pointer(c))
		if at >= 0 {
			out = append(out, fmt.Sprintf("%s+%x", name, at))
		}
	}
	return strings.Join(out, " ")
}

func has(name string) bool {
	c := C.CString(name)
	defer C.free(unsafe.Pointer(c))
	return C.lethe_has(c) != 0
}

// call calls a function of no arguments, which has found it, that returns an int.
func call(name string) int {
	c := C.CString(name)
	defer C.free(unsafe.Pointer(c))
	return int(C.lethe_call_int(c))
}

// text calls a function of no arguments that returns a constant string, or is "" where no library has it.
func text(name string) string {
	if !has(name) {
		return ""
	}
	c := C.CString(name)
	defer C.free(unsafe.Pointer(c))
	return C.GoString(C.lethe_call_text(c))
}
