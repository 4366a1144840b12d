package features

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/npy"
	"github.com/lethe-audit/lethe/internal/pickle"
)

// ReadLinear reads LPIPS's linear weights, one a channel for each layer (lpips's weights/v0.1/squeeze.pth, or a .npz
// file of lin0 to lin6), and gives the file's sha256. With want, any other file is refused.
func ReadLinear(path, want string) ([][]float64, audit.Digest, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, "", fmt.Errorf("linear weights: %w", err)
	}
	sum := audit.DigestBytes(b)
	if want != "" && !strings.EqualFold(string(sum), want) {
		return nil, "", fmt.Errorf("linear weights: %s has sha256 %s, wanted is %s: it is another file", path, sum, want)
	}
	lin, err := decodeLinear(b)
	if err != nil {
		return nil, "", fmt.Errorf("linear weights: %s: %w", path, err)
	}
	return lin, sum, nil
}

// decodeLinear takes lin0, lin1 … of a .npz file, or lin0.model.1.weight, … of a PyTorch checkpoint.
func decodeLinear(b []byte) ([][]float64, error) {
	byName := map[string][]float64{}
	python, err := pickle.Decode(b)
	switch {
	case err == nil:
		for name, a := range python {
			name = strings.TrimSuffix(name, ".model.1.weight")
			for _, v := range a.Values {
				byName[name] = append(byName[name], float64(v))
			}
		}
	case bytes.HasPrefix(b, []byte("PK")) && errors.Is(err, pickle.ErrFormat):
		arrays, err := npy.DecodeAll(b)
		if err != nil {
			return nil, err
		}
		for name, a := range arrays {
			byName[name] = a.Values
		}
	default:
		return nil, err
	}
	var out [][]float64
	for l := 0; ; l++ {
		w, ok := byName[fmt.Sprintf("lin%d", l)]
		if !ok {
			break
		}
		for _, v := range w {
			if v-v != 0 || v < 0 {
				return nil, fmt.Errorf("lin%d has the weight %v: LPIPS's are finite and not below 0", l, v)
			}
		}
		out = append(out, w)
	}
	if len(out) == 0 || len(out) != len(byName) {
		return nil, fmt.Errorf("%d arrays, of which %d are lin0, lin1, …: is it lpips's squeeze.pth?", len(byName), len(out))
	}
	return out, nil
}

// Fits wants linear weights for the network's layers.
func (e *Perceptual) Fits(lin [][]float64) error {
	channels := e.Channels()
	if len(lin) != len(channels) {
		return fmt.Errorf("linear weights of %d layers, the backbone has %d", len(lin), len(channels))
	}
	for l, w := range lin {
		if len(w) != channels[l] {
			return fmt.Errorf("lin%d has %d weights, the backbone's layer %d channels: is it lpips's squeeze.pth?", l, len(w), channels[l])
		}
	}
	return nil
}
