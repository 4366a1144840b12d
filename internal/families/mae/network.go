package mae

import (
	"fmt"
	"math"

	"github.com/lethe-audit/lethe/internal/families/vit"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

type model struct {
	Family
	params         *torch.Params
	side, encoder  int
	encPos, decPos []float32
}

func (m *model) Params() *torch.Params { return m.params }

func (m *model) EncoderSize() int { return m.encoder }

func (m *model) grid() int { return m.side / m.Patch }

// Encode embeds the visible patches, [N, V, Dim], the class token before them.
func (m *model) Encode(s *torch.Scope, w torch.Weights, in models.Input) *torch.Tensor {
	blocks := m.encode(s, w, in)
	if len(blocks) == 0 {
		return in.X
	}
	return w.LayerNorm(s, "encoder.norm", blocks[len(blocks)-1])
}

// Layers are the encoder's blocks.
func (m *model) Layers() []string { return vit.BlockNames("encoder", m.Depth) }

// Activations of the blocks, averaged over the visible patches.
func (m *model) Activations(s *torch.Scope, in models.Input) []*torch.Tensor {
	return vit.MeanTokens(s, m.encode(s, m.Params().Bind(s), in))
}

// encode returns the outputs of the encoder's blocks, none where it fails.
func (m *model) encode(s *torch.Scope, w torch.Weights, in models.Input) []*torch.Tensor {
	vis, _, err := m.visible(in)
	if err != nil {
		s.Fail(err)
		return nil
	}
	g := int64(m.grid())
	x := m.Pixels.In(s, s.Narrow(in.X, 1, 0, 3))
	x = s.Flatten(s.PixelUnshuffle(x, int64(m.Patch)))                              // [N, 3·P²·G²]
	x = s.Transpose(s.Reshape(x, int64(in.N), int64(3*m.Patch*m.Patch), g*g), 1, 2) // [N, G², 3·P²]
	h := s.Add(w.Linear(s, "encoder.embed", x), s.FromFloats(m.encPos, 1, g*g, int64(m.Dim)))
	h = vit.Take(s, h, vis, m.Dim)
	if m.ClassToken { // its position is zero
		h = s.Cat(1, s.Expand(s.Reshape(w["encoder.class"], 1, 1, int64(m.Dim)), int64(in.N), 1, int64(m.Dim)), h)
	}
	var out []*torch.Tensor
	for i := range m.Depth {
		h = vit.Block(s, w, fmt.Sprintf("encoder.%d", i), h, m.Dim, m.Heads)
		out = append(out, h)
	}
	return out
}

// Decode paints every patch from the visible ones.
func (m *model) Decode(s *torch.Scope, w torch.Weights, in models.Input, z *torch.Tensor) *torch.Tensor {
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
	h = vit.Take(s, h, order, m.DecoderDim)
	h = s.Add(h, s.FromFloats(m.decPos, 1, g*g, d))
	if class != nil {
		h = s.Cat(1, class, h)
	}
	for i := range m.DecoderDepth {
		h = vit.Block(s, w, fmt.Sprintf("decoder.%d", i), h, m.DecoderDim, m.DecoderHeads)
	}
	h = w.Linear(s, "decoder.pixels", w.LayerNorm(s, "decoder.norm", h))
	if class != nil {
		h = s.Narrow(h, 1, 1, g*g)
	}
	h = s.Reshape(s.Transpose(h, 1, 2), n, int64(3*m.Patch*m.Patch), g, g)
	return m.Pixels.Out(s, s.PixelShuffle(h, int64(m.Patch)))
}

func (m *model) Loss(s *torch.Scope, in models.Input, target, region *torch.Tensor) *torch.Tensor {
	return models.RegionError(s, m.Generate(s, in), target, region)
}

func (m *model) Generate(s *torch.Scope, in models.Input) *torch.Tensor {
	return models.Paint(s, m, in)
}

func (m *model) visible(in models.Input) (vis, order []int64, err error) {
	return vit.Visible("mae", in, m.side, m.Patch)
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
