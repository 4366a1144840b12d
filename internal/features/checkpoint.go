package features

import (
	"fmt"

	"github.com/lethe-audit/lethe/internal/checkpoint"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/weights"
)

// bind makes a network's parameters of a file's arrays.
func bind(dev torch.Device, path, network string, l torch.Layout, arrays map[string]checkpoint.Array) (*torch.Params, error) {
	values, err := weights.Flat(path, network, l, arrays)
	if err != nil {
		return nil, fmt.Errorf("features: %w", err)
	}
	return torch.ParamsOf(dev, l, values)
}
