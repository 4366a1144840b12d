package vit

import "github.com/lethe-audit/lethe/internal/weights"

// PublishedBlock names a transformer block's tensors as timm does, whose blocks MAE and MAGE are made of.
func PublishedBlock(theirs, ours string, d int64) (out []weights.Published) {
	for _, l := range []struct {
		theirs, ours string
		shape        []int64
	}{
		{".norm1", ".norm1", []int64{d}}, {".attn.qkv", ".qkv", []int64{3 * d, d}}, {".attn.proj", ".proj", []int64{d, d}},
		{".norm2", ".norm2", []int64{d}}, {".mlp.fc1", ".fc1", []int64{4 * d, d}}, {".mlp.fc2", ".fc2", []int64{d, 4 * d}},
	} {
		out = append(out,
			weights.Published{Theirs: theirs + l.theirs + ".weight", Ours: ours + l.ours + ".weight", Shape: l.shape},
			weights.Published{Theirs: theirs + l.theirs + ".bias", Ours: ours + l.ours + ".bias", Shape: l.shape[:1]})
	}
	return out
}
