package torch

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// Info is what computes: for doctor, for reports, and for the keys of results.
type Info struct {
	Libtorch  string // version
	Library   string // path of libtorch_cpu
	BLAS      string // name of the BLAS library in use
	CUDA      int    // devices
	CPU       string
	Cores     int
	Kernels   Kernels
	Libraries []Library
	Processor Processor
}

// Describe looks at the libraries of this very process. It asks no other program.
func Describe() Info {
	config := showConfig()
	i := Info{CUDA: CUDADevices(), Cores: runtime.NumCPU(), Kernels: kernels(config), Libraries: libraries(), Processor: processor()}
	i.CPU = i.Processor.Model
	for _, path := range loaded() {
		base := filepath.Base(path)
		switch {
		case strings.HasPrefix(base, "libtorch_cpu."):
			i.Library, i.Libtorch = path, version(path, config)
		case strings.Contains(base, "openblas"), strings.HasPrefix(base, "libmkl_core"):
			i.BLAS = base
		case i.BLAS == "" && strings.HasPrefix(base, "libblas."):
			i.BLAS = base + " (reference)"
		}
	}
	if i.Libtorch == "" {
		i.Libtorch = "unknown"
	}
	if i.BLAS == "" {
		i.BLAS = "built into libtorch"
	}
	return i
}

var versionPatterns = []*regexp.Regexp{
	// Debian's flags name the folder of its source; the macro of its 1.13.1 says 1.13.0.
	regexp.MustCompile(`/pytorch-(\d+\.\d+\.\d+)`),
	regexp.MustCompile(`TORCH_VERSION=(\d+\.\d+(?:\.\d+)?)`),
}

var numberPattern = regexp.MustCompile(`(\d+\.\d+(?:\.\d+)?)`)

// version reads the official archive's file, then libtorch's own description, then the library's name. It is for
// people: keys hold the libraries' identities.
func version(lib, config string) string {
	if b, err := os.ReadFile(filepath.Join(filepath.Dir(filepath.Dir(lib)), "build-version")); err == nil {
		return strings.TrimSpace(string(b))
	}
	for _, p := range versionPatterns {
		if v := firstMatch(p, config); v != "" {
			return v
		}
	}
	return firstMatch(numberPattern, filepath.Base(lib))
}
