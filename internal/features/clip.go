package features

import (
	"fmt"
	"math"
	"strings"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/checkpoint"
	"github.com/lethe-audit/lethe/internal/pixels"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/weights"
)

// CLIPEntry is the source in the list of all.
var CLIPEntry = audit.Entry[Source]{
	Name: "clip",
	Doc:  "the image encoder of an OpenAI CLIP archive with a vision transformer",
	New:  func() Source { return &CLIP{} },
}

// CLIP is the image encoder of an OpenAI CLIP archive with a vision transformer (Radford et al. 2021; openai/CLIP,
// model.py: VisionTransformer): patches, a class token, pre-norm blocks with QuickGELU, and a projection. The archive
// is TorchScript traced for a GPU in half precision; its weights are read, and run here in float32.
// Features are not of unit length.
type CLIP struct {
	Path   string `json:"path"`   // the archive
	SHA256 string `json:"sha256"` // of the file; what is not this file is refused
	name   string
}

// Validate checks the parameters.
func (f *CLIP) Validate() error { return weights.Pinned(f.Path, f.SHA256) }

// clipColours is CLIP's normalisation.
var clipColours = Preparation{
	Mean:  [3]float32{255 * 0.48145466, 255 * 0.4578275, 255 * 0.40821073},
	Scale: [3]float32{255 * 0.26862954, 255 * 0.26130258, 255 * 0.27577711},
}

// visual begins the names of the image encoder's weights.
const visual = "visual."

// Open reads the weights and finds the network's sizes in their shapes.
func (f *CLIP) Open(dev torch.Device) (Extractor, error) {
	sum, err := digest(f.Path)
	if err != nil {
		return nil, err
	}
	if !strings.EqualFold(string(sum), f.SHA256) {
		return nil, fmt.Errorf("features: %s has sha256 %s, wanted is %s: it is another file", f.Path, sum, f.SHA256)
	}
	m, err := torch.LoadScript(f.Path, torch.CPU)
	if err != nil {
		return nil, fmt.Errorf("features: %w", err)
	}
	defer m.Free()
	all, err := m.Parameters()
	if err != nil {
		return nil, fmt.Errorf("features: %w", err)
	}
	arrays := map[string]checkpoint.Array{}
	for name, a := range all {
		if rest, ok := strings.CutPrefix(name, visual); ok {
			arrays[rest] = checkpoint.Array(a)
		}
	}
	g, err := clipGeometry(arrays)
	if err != nil {
		return nil, fmt.Errorf("features: %s: %w", f.Path, err)
	}
	name := f.name
	if name == "" {
		name = trimExt(f.Path)
	}
	p, err := bind(dev, f.Path, "CLIP's image encoder", g.layout(), arrays)
	if err != nil {
		return nil, err
	}
	prepare := clipColours.to(pixels.CLIP, g.side)
	return &network{id: Identity{Name: name, SHA256: sum, Resize: prepare.name("clip"), Unverified: find(sum) == nil},
		prepare: prepare, dev: dev,
		forward: func(s *torch.Scope, x *torch.Tensor) (features, logits *torch.Tensor) {
			return g.forward(s, p.Bind(s), x), nil
		},
		free: p.Free}, nil
}

// clipSizes are a vision transformer's.
type clipSizes struct{ width, patch, side, tokens, blocks, embed int }

// clipGeometry reads sizes off shapes; what they do not fit is found when the weights are bound.
func clipGeometry(arrays map[string]checkpoint.Array) (clipSizes, error) {
	var g clipSizes
	conv, place, proj := arrays["conv1.weight"].Shape, arrays["positional_embedding"].Shape, arrays["proj"].Shape
	if len(conv) != 4 || len(place) != 2 || len(proj) != 2 || conv[0] < 64 || conv[0]%64 != 0 || conv[2] < 1 {
		return g, fmt.Errorf("not a CLIP archive with a vision transformer: its image encoder's conv1.weight is %v, "+
			"positional_embedding %v and proj %v", conv, place, proj)
	}
	g.width, g.patch, g.tokens, g.embed = int(conv[0]), int(conv[2]), int(place[0]), int(proj[1])
	grid := int(math.Round(math.Sqrt(float64(g.tokens - 1))))
	if grid < 1 || grid*grid != g.tokens-1 {
		return g, fmt.Errorf("positional_embedding is for %d places: want a square of patches and one more", g.tokens)
	}
	g.side = grid * g.patch
	for _, ok := arrays[block(0, "ln_1.weight")]; ok; _, ok = arrays[block(g.blocks, "ln_1.weight")] {
		g.blocks++
	}
	return g, nil
}

func block(i int, part string) string { return fmt.Sprintf("transformer.resblocks.%d.%s", i, part) }

// layout names the weights as the archive does.
func (g clipSizes) layout() torch.Layout {
	var l torch.Layout
	d := int64(g.width)
	add := func(name string, shape ...int64) { l.Add(name, torch.Zeros, shape...) }
	add("class_embedding", d)
	add("positional_embedding", int64(g.tokens), d)
	add("proj", d, int64(g.embed))
	add("conv1.weight", d, 3, int64(g.patch), int64(g.patch))
	norm := func(name string) { add(name+".weight", d); add(name+".bias", d) }
	norm("ln_pre")
	for i := range g.blocks {
		norm(block(i, "ln_1"))
		norm(block(i, "ln_2"))
		add(block(i, "attn.in_proj_weight"), 3*d, d)
		add(block(i, "attn.in_proj_bias"), 3*d)
		add(block(i, "attn.out_proj.weight"), d, d)
		add(block(i, "attn.out_proj.bias"), d)
		add(block(i, "mlp.c_fc.weight"), 4*d, d)
		add(block(i, "mlp.c_fc.bias"), 4*d)
		add(block(i, "mlp.c_proj.weight"), d, 4*d)
		add(block(i, "mlp.c_proj.bias"), d)
	}
	norm("ln_post")
	return l
}

// forward embeds x [n, 3, side, side] into [n, embed].
func (g clipSizes) forward(s *torch.Scope, w torch.Weights, x *torch.Tensor) *torch.Tensor {
	d, t := int64(g.width), int64(g.tokens)
	if s.Err() != nil {
		return x
	}
	n := x.Shape()[0]
	// A convolution with stride patch is a product of unfolded patches.
	side, p := int64(g.side/g.patch), int64(g.patch)
	x = s.Permute(s.Reshape(x, n, 3, side, p, side, p), 0, 2, 4, 1, 3, 5)
	x = s.Matmul(s.Reshape(x, n, t-1, 3*p*p), s.Transpose(s.Reshape(w["conv1.weight"], d, 3*p*p), 0, 1))
	x = s.Cat(1, s.Expand(s.Reshape(w["class_embedding"], 1, 1, d), n, 1, d), x)
	x = w.LayerNorm(s, "ln_pre", s.Add(x, s.Reshape(w["positional_embedding"], 1, t, d)))
	for i := range g.blocks {
		x = s.Add(x, g.attention(s, w, i, w.LayerNorm(s, block(i, "ln_1"), x)))
		h := w.Linear(s, block(i, "mlp.c_fc"), w.LayerNorm(s, block(i, "ln_2"), x))
		h = s.Scale(s.SiLU(s.Scale(h, 1.702)), 1/1.702) // QuickGELU: h·sigmoid(1.702h)
		x = s.Add(x, w.Linear(s, block(i, "mlp.c_proj"), h))
	}
	x = w.LayerNorm(s, "ln_post", s.Reshape(s.Narrow(x, 1, 0, 1), n, d))
	return s.Matmul(x, w["proj"])
}

// attention has heads of 64.
func (g clipSizes) attention(s *torch.Scope, w torch.Weights, i int, x *torch.Tensor) *torch.Tensor {
	if s.Err() != nil {
		return x
	}
	n, t, d := x.Shape()[0], int64(g.tokens), int64(g.width)
	heads := d / 64
	qkv := s.Linear(x, w[block(i, "attn.in_proj_weight")], w[block(i, "attn.in_proj_bias")])
	qkv = s.Permute(s.Reshape(qkv, n, t, 3, heads, 64), 2, 0, 3, 1, 4) // [3, n, heads, t, 64]
	part := func(k int64) *torch.Tensor { return s.Reshape(s.Narrow(qkv, 0, k, 1), n, heads, t, 64) }
	a := s.Softmax(s.Matmul(s.Scale(part(0), 0.125), s.Transpose(part(1), -2, -1)), -1)
	a = s.Reshape(s.Transpose(s.Matmul(a, part(2)), 1, 2), n, t, d)
	return w.Linear(s, block(i, "attn.out_proj"), a)
}

// openCLIP is CLIP's entry in the table.
func openCLIP(path string, k *Known) Source {
	return &CLIP{Path: path, SHA256: string(k.SHA256), name: k.Name}
}
