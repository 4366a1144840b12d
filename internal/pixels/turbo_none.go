//go:build !cgo || !linux

package pixels

import "errors"

// turbo is absent from a build without cgo.
func turbo() (jpegDecoder, error) {
	return nil, errors.New("this program was built without cgo or not for Linux: " +
		"build it with CGO_ENABLED=1, or choose the decoder go")
}
