package torch

import (
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
)

// Key is all outside the code and the plan that changes the bits of a result on the CPU, to be digested as JSON. Two
// processes with equal keys, devices and numbers of threads compute the same bits.
type Key struct {
	Libraries []Library `json:"libraries"`
	Kernels   Kernels   `json:"kernels"`
	Processor Processor `json:"processor"`
	Go        []string  `json:"go"` // what compiled Lethe, and for which processors
}

// Key is what belongs into the key of every result that this process computes.
func (i Info) Key() Key {
	return Key{Libraries: i.Libraries, Kernels: i.Kernels, Processor: i.Processor, Go: compiler()}
}

// Some processors' code multiplies and adds in one rounding, as the compiler sees fit: GOAMD64=v3 does. A patch release
// of Go leaves that as it is.
var releasePattern = regexp.MustCompile(`^go\d+\.\d+`)

func compiler() []string {
	release := runtime.Version()
	if r := releasePattern.FindString(release); r != "" {
		release = r
	}
	out := []string{release, runtime.GOARCH}
	if b, ok := debug.ReadBuildInfo(); ok {
		for _, s := range b.Settings {
			if s.Key == "GO"+strings.ToUpper(runtime.GOARCH) {
				out = append(out, s.Value)
			}
		}
	}
	return out
}
