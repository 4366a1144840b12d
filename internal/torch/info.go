package torch

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// Info is what computes: for doctor and for reports.
type Info struct {
	Libtorch string // version
	Library  string // path of libtorch_cpu
	BLAS     string // name of the BLAS library in use
	CUDA     int    // devices
	CPU      string
	Cores    int
}

// Describe looks at the libraries of this very process.
func Describe() Info {
	i := Info{CUDA: CUDADevices(), CPU: cpuModel(), Cores: runtime.NumCPU()}
	for _, lib := range loaded() {
		base := filepath.Base(lib)
		switch {
		case strings.HasPrefix(base, "libtorch_cpu."):
			i.Library, i.Libtorch = lib, version(lib)
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

// loaded lists the shared libraries mapped into this process.
func loaded() []string {
	b, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return nil
	}
	var out []string
	seen := map[string]bool{}
	for sc := bufio.NewScanner(bytes.NewReader(b)); sc.Scan(); {
		f := strings.Fields(sc.Text())
		if len(f) < 6 || !strings.Contains(f[5], ".so") || seen[f[5]] {
			continue
		}
		seen[f[5]] = true
		out = append(out, f[5])
	}
	return out
}

var versionPattern = regexp.MustCompile(`\d+\.\d+(\.\d+)?`)

// version asks the official archive's file, then Debian's package list, then the
// library's own name.
func version(lib string) string {
	if b, err := os.ReadFile(filepath.Join(filepath.Dir(filepath.Dir(lib)), "build-version")); err == nil {
		return strings.TrimSpace(string(b))
	}
	if out, err := exec.Command("dpkg-query", "-W", "-f=${Version}", "libtorch-dev").Output(); err == nil {
		if v := versionPattern.FindString(string(out)); v != "" {
			return v
		}
	}
	return versionPattern.FindString(filepath.Base(lib))
}

func cpuModel() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(b)) {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == "model name" {
			return strings.TrimSpace(v)
		}
	}
	return runtime.GOARCH
}
