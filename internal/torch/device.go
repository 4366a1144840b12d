package torch

import (
	"fmt"
	"strconv"
	"strings"

	lib "github.com/sugarme/gotch/libtch"
)

// Device is where tensors live: CPU, or the number of a CUDA device.
type Device int32

// CPU is the default device.
const CPU Device = -1

// Available number types of libtorch, by its own numbering.
const (
	kindByte     = 0
	kindInt64    = 4
	kindFloat    = 6
	kindDouble   = 7
	kindBFloat16 = 15
)

// ParseDevice reads "cpu", "cuda", "cuda:n" or "auto", and checks that the
// device exists.
func ParseDevice(name string) (Device, error) {
	n := CUDADevices()
	switch {
	case name == "" || name == "cpu":
		return CPU, nil
	case name == "auto":
		if n > 0 {
			return 0, nil
		}
		return CPU, nil
	case name == "cuda" || strings.HasPrefix(name, "cuda:"):
		i := 0
		if _, num, ok := strings.Cut(name, ":"); ok {
			v, err := strconv.Atoi(num)
			if err != nil || v < 0 {
				return CPU, fmt.Errorf("device %q: want cuda:0, cuda:1, …", name)
			}
			i = v
		}
		if i >= n {
			return CPU, fmt.Errorf("device %q: this libtorch sees %d CUDA devices; use cpu or auto", name, n)
		}
		return Device(i), nil
	}
	return CPU, fmt.Errorf("unknown device %q: want cpu, cuda, cuda:n or auto", name)
}

// CUDADevices is the number of CUDA devices that this libtorch can use.
func CUDADevices() int {
	if !lib.AtcCudaIsAvailable() {
		return 0
	}
	return int(lib.AtcCudaDeviceCount())
}

func (d Device) String() string {
	if d < 0 {
		return "cpu"
	}
	return fmt.Sprintf("cuda:%d", int(d))
}
