// Package weights reads the files that networks' weights are given in, and holds
// them to what a network needs.
package weights

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/checkpoint"
	"github.com/lethe-audit/lethe/internal/pickle"
	"github.com/lethe-audit/lethe/internal/torch"
)

// Pinned wants a path and the sha256 of what it must hold.
func Pinned(path, sum string) error {
	var errs []error
	if path == "" {
		errs = append(errs, errors.New("path is missing: give the weights, a safetensors or PyTorch checkpoint file"))
	}
	return errors.Join(append(errs, Digits("sha256", sum))...)
}

// Digits wants what `sha256sum` prints of a file; key is the parameter's name.
func Digits(key, sum string) error {
	if _, err := hex.DecodeString(sum); err != nil || len(sum) != 64 {
		return fmt.Errorf("%s %q is not 64 hexadecimal digits: give the file's, as `sha256sum` prints it", key, sum)
	}
	return nil
}

// Named wants a path, and a sha256 or none.
func Named(path, sum string) error {
	if sum == "" {
		sum = strings.Repeat("0", 64)
	}
	return Pinned(path, sum)
}

// Read reads a safetensors file or a Python checkpoint, whatever it is called. A "module." that data-parallel training
// put before every name is taken away. With want, any other file is refused.
func Read(path, want string) (map[string]checkpoint.Array, audit.Digest, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, "", err
	}
	sum := audit.DigestBytes(b)
	if want != "" && !strings.EqualFold(string(sum), want) {
		return nil, "", fmt.Errorf("%s has sha256 %s, wanted is %s: it is another file", path, sum, want)
	}
	arrays := map[string]checkpoint.Array{}
	if bytes.HasPrefix(b, []byte("PK")) || bytes.HasPrefix(b, []byte("\x80")) {
		python, err := pickle.Decode(b)
		if err != nil {
			return nil, "", fmt.Errorf("%s: %w", path, err)
		}
		for name, a := range python {
			arrays[name] = checkpoint.Array(a)
		}
	} else if arrays, _, err = checkpoint.Decode(b); err != nil {
		return nil, "", fmt.Errorf("%s is neither a safetensors file of float32 arrays nor a PyTorch checkpoint: %w", path, err)
	}
	out := make(map[string]checkpoint.Array, len(arrays))
	for name, a := range arrays {
		out[strings.TrimPrefix(name, "module.")] = a
	}
	return out, sum, nil
}

// Flat makes a network's vector of weights of a file's arrays: every one of the layout in its shape, and no other. All
// that is wrong is in one error.
func Flat(path, network string, l torch.Layout, arrays map[string]checkpoint.Array) ([]float32, error) {
	want := make([]need, len(l))
	for i, q := range l {
		want[i] = need{q.Name, q.Shape}
	}
	if err := compare(path, network, want, arrays); err != nil {
		return nil, err
	}
	values := make([]float32, l.Size())
	for _, q := range l {
		copy(values[q.Offset:], arrays[q.Name].Values)
	}
	return values, nil
}

// A need is an array that must be there.
type need struct {
	name  string
	shape []int64
}

// compare wants arrays of the names and shapes, and no other.
func compare(path, network string, want []need, arrays map[string]checkpoint.Array) error {
	var missing, wrong, extra []string
	named := make(map[string]bool, len(want))
	for _, w := range want {
		named[w.name] = true
		switch a, ok := arrays[w.name]; {
		case !ok:
			missing = append(missing, w.name)
		case !slices.Equal(a.Shape, w.shape):
			wrong = append(wrong, fmt.Sprintf("%s is %v, not %v", w.name, a.Shape, w.shape))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		if !named[name] {
			extra = append(extra, name)
		}
	}
	var errs []string
	for _, e := range []struct {
		what  string
		names []string
	}{{"missing", missing}, {"of another shape", wrong}, {"not the network's", extra}} {
		if len(e.names) > 0 {
			errs = append(errs, fmt.Sprintf("%d %s (%s)", len(e.names), e.what, strings.Join(e.names, ", ")))
		}
	}
	if len(errs) > 0 {
		return fmt.Errorf("%s does not hold the weights of %s: arrays: %s", path, network, strings.Join(errs, "; "))
	}
	return nil
}
