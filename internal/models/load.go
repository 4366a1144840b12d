package models

import (
	"fmt"

	"github.com/lethe-audit/lethe/internal/weights"
)

// A Publisher is a family that has released checkpoints, whose tensors it can name.
type Publisher interface {
	Family
	// Published lists the checkpoint's tensors, none where the parameters make another network than the released one.
	Published(shape Shape) []weights.Published
}

// Load gives a model of the family the weights of a file: a safetensors file or a PyTorch checkpoint (a state_dict),
// under the family's own names or a released checkpoint's. sum is the file's sha256, or empty. Where the file holds
// other tensors, the error lists all that are missing, misshapen or too many, and the model stays as it is.
func Load(m Model, f Family, shape Shape, path, sum string) error {
	arrays, _, err := weights.Read(path, sum)
	if err != nil {
		return fmt.Errorf("model's weights: %w", err)
	}
	layout := m.Params().Layout()
	if p, ok := f.(Publisher); ok {
		known := 0
		names := p.Published(shape)
		for _, n := range names {
			if _, ok := arrays[n.Theirs]; ok {
				known++
			}
		}
		if 2*known > len(names) {
			if arrays, err = weights.Renamed(path, "the released network", layout, names, arrays); err != nil {
				return fmt.Errorf("model's weights: %w", err)
			}
		}
	}
	values, err := weights.Flat(path, "the plan's model", layout, arrays)
	if err != nil {
		return fmt.Errorf("model's weights: %w", err)
	}
	return m.Params().Set(values)
}
