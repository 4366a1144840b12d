package features

import (
	"errors"
	"fmt"
)

// ErrUnverified marks a file that is none of the well-known ones.
var ErrUnverified = errors.New("not a well-known features file")

// Recognise finds out what a file is by its sha256. A file that is not in KnownFiles is taken for a TorchScript module
// of any image size on pixels in [0, 1], but only where unverified allows it; its identity then says so.
func Recognise(path string, unverified bool) (Source, error) {
	sum, err := digest(path)
	if err != nil {
		return nil, err
	}
	if k := find(sum); k != nil {
		if k.open == nil {
			return nil, fmt.Errorf("features: %s is %s of %s, which Lethe does not run: %s", path, k.Name, k.Source, k.Output)
		}
		return k.open(path, k), nil
	}
	if !unverified {
		return nil, fmt.Errorf("features: %s (sha256 %s): %w: check where it comes from", path, sum, ErrUnverified)
	}
	return &TorchScript{Path: path, SHA256: string(sum), Resize: "none", Range: "unit"}, nil
}
