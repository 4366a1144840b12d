package vit

import (
	"fmt"

	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

// Visible lists, image by image, the visible patches, and for every patch its
// place in [visible…, hidden…]. Where everything must be painted (no mask), all
// patches are visible.
func Visible(family string, in models.Input, side, patch int) (vis, order []int64, err error) {
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
			return nil, nil, fmt.Errorf("model %s: images of one batch show %d and %d patches; use a mask with the same number in "+
				"each", family, shown, g*g-count)
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

// Take gathers tokens [N, T, d] by index [N·K] into [N, K, d].
func Take(s *torch.Scope, x *torch.Tensor, index []int64, d int) *torch.Tensor {
	if s.Err() != nil {
		return x
	}
	n := x.Shape()[0]
	k := int64(len(index)) / n
	i := s.Expand(s.FromInts(index, n, k, 1), n, k, int64(d))
	return s.Gather(x, 1, i)
}
