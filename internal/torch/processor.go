package torch

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Processor is what libraries look at when they choose their kernels and the sizes of their blocks. A virtual machine's
// model name alone says too little of it.
type Processor struct {
	Model  string   `json:"model"`
	Kind   []string `json:"kind,omitempty"`   // family, model, stepping, cores, as the kernel lists them
	Sets   []string `json:"sets,omitempty"`   // of instructions: avx2, fma, …
	Caches []string `json:"caches,omitempty"` // of one core: "1 Data 48K"
}

// processor describes the first processor of this machine.
func processor() Processor {
	p := Processor{Model: runtime.GOARCH}
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		p = parseProcessor(bytes.NewReader(b))
	}
	dirs, err := filepath.Glob("/sys/devices/system/cpu/cpu0/cache/index*")
	if err != nil {
		panic(err) // the pattern is well formed
	}
	for _, d := range dirs { // none in some containers
		cache := ""
		for _, name := range []string{"level", "type", "size"} {
			if b, err := os.ReadFile(filepath.Join(d, name)); err == nil {
				cache += " " + strings.TrimSpace(string(b))
			}
		}
		p.Caches = append(p.Caches, strings.TrimSpace(cache))
	}
	return p
}

// parseProcessor reads the first processor of /proc/cpuinfo.
func parseProcessor(r io.Reader) Processor {
	p := Processor{Model: runtime.GOARCH}
	for sc := bufio.NewScanner(r); sc.Scan(); {
		k, v, ok := strings.Cut(sc.Text(), ":")
		k, v = strings.TrimSpace(k), strings.TrimSpace(v)
		switch {
		case !ok && p.Kind != nil:
			return p // the blank line after a processor
		case k == "model name":
			p.Model = v
		case k == "flags" || k == "Features":
			p.Sets = slices.DeleteFunc(strings.Fields(v), func(s string) bool { return k == "flags" && !computes(s) })
			slices.Sort(p.Sets)
		case slices.Contains([]string{
			"vendor_id", "cpu family", "model", "stepping", "siblings", "cpu cores",
			"CPU implementer", "CPU architecture", "CPU variant", "CPU part", "CPU revision",
		}, k):
			p.Kind = append(p.Kind, fmt.Sprintf("%s %s", k, v))
		}
	}
	return p
}

// computes reports whether one of an x86 processor's flags names instructions that compute with floating-point numbers
// or lay them out. A newer kernel lists more of the others.
func computes(flag string) bool {
	return slices.ContainsFunc([]string{"sse", "ssse", "pni", "avx", "fma", "f16c", "xop", "amx"}, func(p string) bool {
		return strings.HasPrefix(flag, p)
	})
}
