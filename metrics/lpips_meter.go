package metrics

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/npy"
	"github.com/lethe-audit/lethe/internal/torch"
)

// LPIPSVariant names what LPIPSMeter computes: version 0.1 with SqueezeNet's activations.
const LPIPSVariant = "v0.1-squeeze"

// LPIPSMeter is LPIPS with a SqueezeNet 1.1 and linear weights from files. Its methods may be called from several
// goroutines at once.
type LPIPSMeter struct {
	net *features.Perceptual
	lin [][]float64
	sum audit.Digest
}

// OpenLPIPS reads the backbone (SqueezeNet 1.1, safetensors or a PyTorch checkpoint) and the linear weights (lpips's
// weights/v0.1/squeeze.pth, or a .npz file of lin0 to lin6). Wrong files are errors that say what they lack.
func OpenLPIPS(backbone, lin string, dev torch.Device) (*LPIPSMeter, error) {
	weights, linSum, err := readLin(lin)
	if err != nil {
		return nil, fmt.Errorf("lpips: %w", err)
	}
	net, err := features.OpenPerceptual(backbone, "", dev)
	if err != nil {
		return nil, fmt.Errorf("lpips: %w", err)
	}
	m, err := newLPIPSMeter(net, weights, linSum)
	if err != nil {
		net.Free()
		return nil, fmt.Errorf("lpips: %s: %w", lin, err)
	}
	return m, nil
}

// newLPIPSMeter joins a network and weights that fit it.
func newLPIPSMeter(net *features.Perceptual, lin [][]float64, linSum audit.Digest) (*LPIPSMeter, error) {
	channels := net.Channels()
	if len(lin) != len(channels) {
		return nil, fmt.Errorf("linear weights of %d layers, the backbone has %d", len(lin), len(channels))
	}
	for l, w := range lin {
		if len(w) != channels[l] {
			return nil, fmt.Errorf("lin%d has %d weights, the backbone's layer %d channels: is it lpips's squeeze.pth?", l, len(w), channels[l])
		}
	}
	sum, err := audit.DigestJSON([]audit.Digest{net.SHA256(), linSum})
	if err != nil {
		return nil, err
	}
	return &LPIPSMeter{net: net, lin: lin, sum: sum}, nil
}

// Free releases the network.
func (m *LPIPSMeter) Free() { m.net.Free() }

// Identity says whose distances they are: Weights is the sha256 of both files' hashes in a JSON list. No weights are
// well known to it, so they are unverified.
func (m *LPIPSMeter) Identity() Identity {
	return Identity{Metric: "lpips", Variant: LPIPSVariant, Features: m.net.Name(), Weights: string(m.sum), Unverified: true,
		DType: "float32", Field: FieldImage, DataRange: dataRange}
}

// Distance is LPIPS of n pairs of images [n, 3, side, side] in [−1, 1], red first, one value a pair; lower is better.
// Images of other sides than squares, or of sides below features.MinPerceptualSide, are refused.
func (m *LPIPSMeter) Distance(ctx context.Context, a, b []float32, n, side int) ([]float64, error) {
	if len(a) != 3*n*side*side || len(b) != len(a) {
		return nil, fmt.Errorf("lpips: %d and %d values are not %d pairs of images [3, %d, %d]", len(a), len(b), n, side, side)
	}
	const block = 8 // pairs whose activations are held at a time
	out := make([]float64, 0, n)
	px := 3 * side * side
	for lo := 0; lo < n; lo += block {
		k := min(block, n-lo)
		x, err := m.net.Activations(ctx, a[lo*px:(lo+k)*px], k, side)
		if err != nil {
			return nil, fmt.Errorf("lpips: %w", err)
		}
		y, err := m.net.Activations(ctx, b[lo*px:(lo+k)*px], k, side)
		if err != nil {
			return nil, fmt.Errorf("lpips: %w", err)
		}
		for i := range k {
			d, _, err := LPIPS(x[i], y[i], m.lin)
			if err != nil {
				return nil, fmt.Errorf("pair %d: %w", lo+i, err)
			}
			out = append(out, d)
		}
	}
	return out, nil
}

// readLin reads linear weights and the file's sha256.
func readLin(path string) ([][]float64, audit.Digest, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, "", fmt.Errorf("linear weights: %w", err)
	}
	lin, err := decodeLin(b)
	if err != nil {
		return nil, "", fmt.Errorf("linear weights: %s: %w", path, err)
	}
	return lin, audit.DigestBytes(b), nil
}

// decodeLin takes lin0, lin1 … of a .npz file, or lin0.model.1.weight, … of a PyTorch checkpoint.
func decodeLin(b []byte) ([][]float64, error) {
	byName := map[string][]float64{}
	python, err := torch.DecodePython(b)
	switch {
	case err == nil:
		for name, a := range python {
			for _, v := range a.Values {
				byName[strings.TrimSuffix(name, ".model.1.weight")] = append(byName[strings.TrimSuffix(name, ".model.1.weight")], float64(v))
			}
		}
	case bytes.HasPrefix(b, []byte("PK")) && errors.Is(err, torch.ErrNotPython):
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
			if !finite(v) || v < 0 {
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
