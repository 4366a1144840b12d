package perceptual

import (
	"context"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/metrics"
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
	weights, linSum, err := features.ReadLinear(lin, "")
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
	if err := net.Fits(lin); err != nil {
		return nil, err
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
func (m *LPIPSMeter) Identity() metrics.Identity {
	return metrics.Identity{Metric: "lpips", Variant: LPIPSVariant, Features: m.net.Name(), Weights: string(m.sum), Unverified: true,
		DType: "float32", Field: metrics.FieldImage, DataRange: 2}
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
