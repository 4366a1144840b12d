// Package vit is what vision transformers are made of (Dosovitskiy et al. 2021, arXiv 2010.11929): blocks, and the patches
// or tokens that a mask leaves visible.
package vit

import (
	"fmt"
	"math"

	"github.com/lethe-audit/lethe/internal/torch"
)

// AddBlock declares a pre-norm transformer block (Dosovitskiy et al. 2021).
func AddBlock(l *torch.Layout, name string, d int) {
	l.AddLayerNorm(name+".norm1", d)
	xavier := func(part string, in, out int) {
		l.Add(name+part+".weight", torch.XavierUniform(in, out), int64(out), int64(in))
		l.Add(name+part+".bias", torch.Zeros, int64(out))
	}
	xavier(".qkv", d, 3*d)
	xavier(".proj", d, d)
	l.AddLayerNorm(name+".norm2", d)
	xavier(".fc1", d, 4*d)
	xavier(".fc2", 4*d, d)
}

// BlockNames are those of a stack of blocks.
func BlockNames(of string, depth int) []string {
	out := make([]string, depth)
	for i := range out {
		out[i] = fmt.Sprintf("%s.%d", of, i)
	}
	return out
}

// MeanTokens averages what blocks gave over the tokens, [N, d] each.
func MeanTokens(s *torch.Scope, blocks []*torch.Tensor) []*torch.Tensor {
	for i, h := range blocks {
		blocks[i] = s.MeanDims(h, false, 1)
	}
	return blocks
}

// Block is x + attention(norm(x)), then x + mlp(norm(x)), on [N, T, d].
func Block(s *torch.Scope, w torch.Weights, name string, x *torch.Tensor, d, heads int) *torch.Tensor {
	if s.Err() != nil {
		return x
	}
	return s.Within(func(s *torch.Scope) *torch.Tensor { return blockIn(s, w, name, x, d, heads) })
}

func blockIn(s *torch.Scope, w torch.Weights, name string, x *torch.Tensor, d, heads int) *torch.Tensor {
	shape := x.Shape()
	n, t, h, e := shape[0], shape[1], int64(heads), int64(d/heads)
	qkv := w.Linear(s, name+".qkv", w.LayerNorm(s, name+".norm1", x))
	qkv = s.Permute(s.Reshape(qkv, n, t, 3, h, e), 2, 0, 3, 1, 4) // [3, N, h, T, e]
	part := func(i int64) *torch.Tensor { return s.Reshape(s.Narrow(qkv, 0, i, 1), n, h, t, e) }
	scores := s.Matmul(s.Scale(part(0), 1/math.Sqrt(float64(e))), s.Transpose(part(1), -2, -1))
	a := s.Matmul(s.Softmax(scores, -1), part(2))
	a = s.Reshape(s.Transpose(a, 1, 2), n, t, int64(d))
	x = s.Add(x, w.Linear(s, name+".proj", a))
	m := s.GELU(w.Linear(s, name+".fc1", w.LayerNorm(s, name+".norm2", x)))
	return s.Add(x, w.Linear(s, name+".fc2", m))
}
