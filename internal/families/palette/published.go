package palette

import (
	"strings"

	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/weights"
)

// Published pairs the weights with those of the state_dict that the widely used
// implementation of Palette publishes (Janspiry's, guided-diffusion network). The
// checkpoint may also hold six buffers of its noise schedule (gammas, …), which are
// no weights and are not read. There is nothing published for patches: none then.
func (f *Family) Published(shape models.Shape) []weights.Published {
	if f.Patch != 1 || f.Check(shape) != nil {
		return nil
	}
	u := f.unet()
	ours := map[string]string{"noise.fc1": "cond_embed.0", "noise.fc2": "cond_embed.2", "out.norm": "out.0", "out.conv": "out.2"}
	for _, p := range u.parts() {
		ours[p.name] = p.theirs
		for mine, theirs := range publishedParts[p.kind] {
			ours[p.name+mine] = p.theirs + theirs
		}
	}
	var out []weights.Published
	for _, q := range u.layout() {
		dot := strings.LastIndexByte(q.Name, '.')
		size := q.Shape
		if strings.HasSuffix(q.Name, ".qkv.weight") || strings.HasSuffix(q.Name, ".proj.weight") {
			size = size[:3] // theirs convolves along one dimension
		}
		out = append(out, weights.Published{Theirs: "denoise_fn." + ours[q.Name[:dot]] + q.Name[dot:], Ours: q.Name, Shape: size})
	}
	for _, name := range []string{"gammas", "sqrt_recip_gammas", "sqrt_recipm1_gammas", "posterior_log_variance_clipped",
		"posterior_mean_coef1", "posterior_mean_coef2"} {
		out = append(out, weights.Published{Theirs: name, Optional: true})
	}
	return out
}

// publishedParts names what a part is made of.
var publishedParts = map[partKind]map[string]string{
	residualPart: {
		".norm1": ".in_layers.0", ".conv1": ".in_layers.2", ".film": ".emb_layers.1",
		".norm2": ".out_layers.0", ".conv2": ".out_layers.3", ".skip": ".skip_connection",
	},
	attentionPart: {".norm": ".norm", ".qkv": ".qkv", ".proj": ".proj_out"},
}
