package torch

import (
	"os"
	"strings"
)

// untold lists the variables of the environment that change bits and of whose effect no library of this process tells.
// Of a library that has told, the answer counts, not the variable: one set to what would be chosen anyway changes
// nothing. OneDNN says whether oneDNN has told all of its choices.
func untold(k Kernels, oneDNN bool) []string {
	names := []string{
		"OPENBLAS_BLOCK_FACTOR",                                       // OpenBLAS's blocks, hence the order of sums
		"TORCH_MKLDNN_MATMUL_MIN_DIM", "TORCH_MKLDNN_MATMUL_MIN_SIZE", // from which size oneDNN multiplies, on ARM
		"TORCH_ALLOW_TF32_CUBLAS_OVERRIDE", "NVIDIA_TF32_OVERRIDE", // CUDA's products of fewer bits
		"CUBLAS_WORKSPACE_CONFIG", "TORCH_CUDNN_USE_HEURISTIC_MODE_B", "TORCH_CUDNN_V8_API_ENABLED", "TORCH_CUDNN_V8_API_DISABLED",
	}
	for _, l := range []struct {
		told  bool
		names []string
	}{
		{k.ATen != "", []string{"ATEN_CPU_CAPABILITY"}},
		{oneDNN, []string{"ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "ONEDNN_CPU_ISA_HINTS", "DNNL_CPU_ISA_HINTS",
			"ONEDNN_DEFAULT_FPMATH_MODE", "DNNL_DEFAULT_FPMATH_MODE"}},
		{k.Core != "", []string{"OPENBLAS_CORETYPE"}},
		{k.MKL == "" && k.OpenBLAS != "", []string{"MKL_CBWR", "MKL_ENABLE_INSTRUCTIONS", "MKL_DEBUG_CPU_TYPE", "MKL_DYNAMIC"}},
		{k.OpenMP.Limit != 0, []string{"OMP_DYNAMIC", "OMP_THREAD_LIMIT"}},
		{k.Libm != "", []string{"GLIBC_TUNABLES"}},
	} {
		if !l.told {
			names = append(names, l.names...)
		}
	}
	return append(names, "GODEBUG")
}

// environment reads the variables that are set, as NAME=value. Of two that hold settings of many kinds only those of
// the processor count: Go's own functions, math.Exp for one, have variants too.
func environment(names []string) []string {
	var out []string
	for _, name := range names {
		v := os.Getenv(name)
		switch name {
		case "GODEBUG":
			v = only(v, ",", "cpu.")
		case "GLIBC_TUNABLES":
			v = only(v, ":", "glibc.cpu.")
		}
		if v != "" {
			out = append(out, name+"="+v)
		}
	}
	return out
}

// only keeps the settings of a list whose names begin with prefix.
func only(list, separator, prefix string) string {
	var out []string
	for s := range strings.SplitSeq(list, separator) {
		if strings.HasPrefix(s, prefix) {
			out = append(out, s)
		}
	}
	return strings.Join(out, separator)
}
