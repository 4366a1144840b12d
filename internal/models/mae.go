package models

import (
	"fmt"
	"math"

	"github.com/lethe-audit/lethe/internal/torch"
)

// MAE is a masked autoencoder (He et al. 2022, arXiv 2111.06377): a ViT encodes
// the visible patches only; a light ViT decodes them together with a learned
// token at every hidden place. Patches with any hidden pixel count as hidden.
// Positions are fixed sine–cosine embeddings. With ClassToken and Pixels imagenet
// it is the published network, whose weights [MAE.Published] names.
type MAE struct {
	Patch        int `json:"patch"`
	Dim          int `json:"dim"`
	Depth        int `json:"depth"`
	Heads        int `json:"heads"`
	DecoderDim   int `json:"decoderDim"`
	DecoderDepth int `json:"decoderDepth"`
	DecoderHeads int `json:"decoderHeads"`

	ClassToken bool   `json:"classToken"` // a learned token goes before the patches
	Pixels     Pixels `json:"pixels"`     // tanh or imagenet
}

// Validate checks the parameters.
func (f *MAE) Validate() error {
	if err := positive(size{"patch", f.Patch}, size{"dim", f.Dim}, size{"depth", f.Depth}, size{"heads", f.Heads},
		size{"decoderDim", f.DecoderDim}, size{"decoderDepth", f.DecoderDepth}, size{"decoderHeads", f.DecoderHeads}); err != nil {
		return err
	}
	if err := f.Pixels.Validate(); err != nil {
		return err
	}
	if f.Dim%f.Heads != 0 || f.DecoderDim%f.DecoderHeads != 0 || f.Dim%4 != 0 || f.DecoderDim%4 != 0 {
		return fmt.Errorf("dim %d and decoderDim %d must be multiples of 4 and of their heads (%d, %d)", f.Dim, f.DecoderDim, f.Heads, f.DecoderHeads)
	}
	return nil
}

// Check wants a side that is a multiple of the patch.
func (f *MAE) Check(shape Shape) error {
	if err := f.Validate(); err != nil {
		return fmt.Errorf("model mae: %w", err)
	}
	if shape.Size%f.Patch != 0 {
		return fmt.Errorf("model mae: image side %d is not a multiple of the patch %d", shape.Size, f.Patch)
	}
	return nil
}

// New draws a fresh model.
func (f *MAE) New(dev torch.Device, shape Shape, seed uint64) (Model, error) {
	if err := f.Check(shape); err != nil {
		return nil, err
	}
	patch := f.Patch * f.Patch * 3
	var l torch.Layout
	l.Add("encoder.embed.weight", torch.XavierUniform(patch, f.Dim), int64(f.Dim), int64(patch))
	l.Add("encoder.embed.bias", torch.Zeros, int64(f.Dim))
	if f.ClassToken {
		l.Add("encoder.class", torch.Normal(0.02), int64(f.Dim))
	}
	for i := range f.Depth {
		addBlock(&l, fmt.Sprintf("encoder.%d", i), f.Dim)
	}
	l.AddLayerNorm("encoder.norm", f.Dim)
	m := &mae{MAE: *f, side: shape.Size, encoder: l.Size()}
	l.AddLinear("decoder.embed", f.Dim, f.DecoderDim)
	l.Add("decoder.token", torch.Normal(0.02), int64(f.DecoderDim))
	for i := range f.DecoderDepth {
		addBlock(&l, fmt.Sprintf("decoder.%d", i), f.DecoderDim)
	}
	l.AddLayerNorm("decoder.norm", f.DecoderDim)
	l.AddLinear("decoder.pixels", f.DecoderDim, patch)
	p, err := torch.NewParams(dev, l, seed)
	if err != nil {
		return nil, fmt.Errorf("model mae: %w", err)
	}
	m.params = p
	g := shape.Size / f.Patch
	m.encPos, m.decPos = positions(g, f.Dim), positions(g, f.DecoderDim)
	return m, nil
}

type mae struct {
	MAE
	params         *torch.Params
	side, encoder  int
	encPos, decPos []float32
}

func (m *mae) Params() *torch.Params { return m.params }

func (m *mae) EncoderSize() int { return m.encoder }

func (m *mae) grid() int { return m.side / m.Patch }

// Encode embeds the visible patches, [N, V, Dim], the class token before them.
func (m *mae) Encode(s *torch.Scope, w torch.Weights, in Input) *torch.Tensor {
	blocks := m.encode(s, w, in)
	if len(blocks) == 0 {
		return in.X
	}
	return w.LayerNorm(s, "encoder.norm", blocks[len(blocks)-1])
}

// Layers are the encoder's blocks.
func (m *mae) Layers() []string { return blockNames("encoder", m.Depth) }

// Activations of the blocks, averaged over the visible patches.
func (m *mae) Activations(s *torch.Scope, in Input) []*torch.Tensor {
	return meanToken(s, m.encode(s, m.Params().Bind(s), in))
}

// encode returns the outputs of the encoder's blocks, none where it fails.
func (m *mae) encode(s *torch.Scope, w torch.Weights, in Input) []*torch.Tensor {
	vis, _, err := m.visible(in)
	if err != nil {
		s.Fail(err)
		return nil
	}
	g := int64(m.grid())
	x := m.Pixels.in(s, s.Narrow(in.X, 1, 0, 3))
	x = s.Flatten(s.PixelUnshuffle(x, int64(m.Patch)))                              // [N, 3·P²·G²]
	x = s.Transpose(s.Reshape(x, int64(in.N), int64(3*m.Patch*m.Patch), g*g), 1, 2) // [N, G², 3·P²]
	h := s.Add(w.Linear(s, "encoder.embed", x), s.FromFloats(m.encPos, 1, g*g, int64(m.Dim)))
	h = take(s, h, vis, m.Dim)
	if m.ClassToken { // its position is zero
		h = s.Cat(1, s.Expand(s.Reshape(w["encoder.class"], 1, 1, int64(m.Dim)), int64(in.N), 1, int64(m.Dim)), h)
	}
	var out []*torch.Tensor
	for i := range m.Depth {
		h = block(s, w, fmt.Sprintf("encoder.%d", i), h, m.Dim, m.Heads)
		out = append(out, h)
	}
	return out
}

// Decode paints every patch from the visible ones.
func (m *mae) Decode(s *torch.Scope, w torch.Weights, in Input, z *torch.Tensor) *torch.Tensor {
	_, order, err := m.visible(in)
	if err != nil {
		s.Fail(err)
		return in.X
	}
	g, n, d := int64(m.grid()), int64(in.N), int64(m.DecoderDim)
	h := w.Linear(s, "decoder.embed", z)
	var class *torch.Tensor
	if m.ClassToken && s.Err() == nil {
		class = s.Narrow(h, 1, 0, 1)
		h = s.Narrow(h, 1, 1, h.Shape()[1]-1)
	}
	if v := int64(len(order)) / n; s.Err() == nil && h.Shape()[1] < v {
		hidden := v - h.Shape()[1]
		h = s.Cat(1, h, s.Expand(s.Reshape(w["decoder.token"], 1, 1, d), n, hidden, d))
	}
	h = take(s, h, order, m.DecoderDim)
	h = s.Add(h, s.FromFloats(m.decPos, 1, g*g, d))
	if class != nil {
		h = s.Cat(1, class, h)
	}
	for i := range m.DecoderDepth {
		h = block(s, w, fmt.Sprintf("decoder.%d", i), h, m.DecoderDim, m.DecoderHeads)
	}
	h = w.Linear(s, "decoder.pixels", w.LayerNorm(s, "decoder.norm", h))
	if class != nil {
		h = s.Narrow(h, 1, 1, g*g)
	}
	h = s.Reshape(s.Transpose(h, 1, 2), n, int64(3*m.Patch*m.Patch), g, g)
	return m.Pixels.out(s, s.PixelShuffle(h, int64(m.Patch)))
}

func (m *mae) Loss(s *torch.Scope, in Input, target, region *torch.Tensor) *torch.Tensor {
	return RegionError(s, m.Generate(s, in), target, region)
}

func (m *mae) Generate(s *torch.Scope, in Input) *torch.Tensor { return paint(s, m, in) }

func (m *mae) visible(in Input) (vis, order []int64, err error) {
	return visible("mae", in, m.side, m.Patch)
}

// visible lists, image by image, the visible patches, and for every patch its
// place in [visible…, hidden…]. Where everything must be painted (no mask), all
// patches are visible.
func visible(family string, in Input, side, patch int) (vis, order []int64, err error) {
	g := side / patch
	if in.Size != side {
		return nil, nil, fmt.Errorf("model %s: it was made for images of side %d, these are of side %d", family, side, in.Size)
	}
	shown := -1
	for i := range in.N {
		region := in.Region[i*in.Size*in.Size : (i+1)*in.Size*in.Size]
		hidden, count := make([]bool, g*g), 0
		for p := range region {
			k := p/in.Size/patch*g + p%in.Size/patch
			if region[p] != 0 && !hidden[k] {
				hidden[k] = true
				count++
			}
		}
		if count == g*g {
			clear(hidden)
			count = 0
		}
		if shown >= 0 && shown != g*g-count {
			return nil, nil, fmt.Errorf("model %s: images of one batch show %d and %d patches; use a mask with the same number in each", family, shown, g*g-count)
		}
		shown = g*g - count
		v, h := int64(0), int64(shown)
		for k := range hidden {
			if hidden[k] {
				order = append(order, h)
				h++
			} else {
				vis = append(vis, int64(k))
				order = append(order, v)
				v++
			}
		}
	}
	return vis, order, nil
}

// take gathers tokens [N, T, d] by index [N·K] into [N, K, d].
func take(s *torch.Scope, x *torch.Tensor, index []int64, d int) *torch.Tensor {
	if s.Err() != nil {
		return x
	}
	n := x.Shape()[0]
	k := int64(len(index)) / n
	i := s.Expand(s.FromInts(index, n, k, 1), n, k, int64(d))
	return s.Gather(x, 1, i)
}

// positions are the two-dimensional sine–cosine embeddings of a g×g grid.
func positions(g, d int) []float32 {
	out := make([]float32, g*g*d)
	q := d / 4
	for p := range g * g {
		for k := range q {
			f := math.Pow(10000, -float64(k)/float64(q))
			y, x := float64(p/g)*f, float64(p%g)*f
			row := out[p*d:]
			row[k], row[q+k] = float32(math.Sin(x)), float32(math.Cos(x))
			row[2*q+k], row[3*q+k] = float32(math.Sin(y)), float32(math.Cos(y))
		}
	}
	return out
}
