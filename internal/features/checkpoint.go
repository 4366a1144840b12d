package features

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/checkpoint"
	"github.com/lethe-audit/lethe/internal/torch"
)

// pinned wants a path and the sha256 of what it must hold.
func pinned(path, sum string) error {
	var errs []error
	if path == "" {
		errs = append(errs, errors.New("path is missing: give the weights, a safetensors or PyTorch checkpoint file"))
	}
	if _, err := hex.DecodeString(sum); err != nil || len(sum) != 64 {
		errs = append(errs, fmt.Errorf("sha256 %q is not 64 hexadecimal digits: give the file's, as `sha256sum` prints it", sum))
	}
	return errors.Join(errs...)
}

// readWeights reads a safetensors file or a Python checkpoint, whatever it is called. A "module." that data-parallel
// training put before every name is taken away. With want, any other file is refused.
func readWeights(path, want string) (map[string]checkpoint.Array, audit.Digest, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, "", fmt.Errorf("features: %w", err)
	}
	sum := audit.DigestBytes(b)
	if want != "" && !strings.EqualFold(string(sum), want) {
		return nil, "", fmt.Errorf("features: %s has sha256 %s, wanted is %s: it is another file", path, sum, want)
	}
	arrays := map[string]checkpoint.Array{}
	if bytes.HasPrefix(b, []byte("PK")) || bytes.HasPrefix(b, []byte("\x80")) {
		python, err := torch.DecodePython(b)
		if err != nil {
			return nil, "", fmt.Errorf("features: %s: %w", path, err)
		}
		for name, a := range python {
			arrays[name] = checkpoint.Array(a)
		}
	} else if arrays, _, err = checkpoint.Decode(b); err != nil {
		return nil, "", fmt.Errorf("features: %s is neither a safetensors file of float32 arrays nor a PyTorch checkpoint: %w", path, err)
	}
	out := make(map[string]checkpoint.Array, len(arrays))
	for name, a := range arrays {
		out[strings.TrimPrefix(name, "module.")] = a
	}
	return out, sum, nil
}

// bind makes a network's parameters of a file's arrays: every one of the layout in its shape, and no other. All that
// is wrong is in one error.
func bind(dev torch.Device, path, network string, l torch.Layout, arrays map[string]checkpoint.Array) (*torch.Params, error) {
	var missing, wrong, extra []string
	named := make(map[string]bool, len(l))
	for _, q := range l {
		named[q.Name] = true
		a, ok := arrays[q.Name]
		switch {
		case !ok:
			missing = append(missing, q.Name)
		case !slices.Equal(a.Shape, q.Shape):
			wrong = append(wrong, fmt.Sprintf("%s is %v, not %v", q.Name, a.Shape, q.Shape))
		}
	}
	for name := range arrays {
		if !named[name] {
			extra = append(extra, name)
		}
	}
	slices.Sort(extra)
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
		return nil, fmt.Errorf("features: %s does not hold the weights of %s: arrays: %s", path, network, strings.Join(errs, "; "))
	}
	values := make([]float32, l.Size())
	for _, q := range l {
		copy(values[q.Offset:], arrays[q.Name].Values)
	}
	return torch.ParamsOf(dev, l, values)
}
