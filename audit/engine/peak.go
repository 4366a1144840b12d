package engine

import (
	"bufio"
	"bytes"
	"os"
	"strconv"
	"strings"
)

// peak is the most memory that this process has held, in bytes, as Linux counts it; 0 where it does not say.
func peak() int {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0 // another system
	}
	for lines := bufio.NewScanner(bytes.NewReader(b)); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kib, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			if err != nil {
				return 0
			}
			return kib << 10
		}
	}
	return 0
}
