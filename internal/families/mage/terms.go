package mage

import (
	"fmt"
	"sync"

	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/weights"
)

// terms are those of the tokenizer's loss that the plan asks for beside the squared error.
func (f *Family) terms(dev torch.Device) ([]term, error) {
	var out []term
	if f.Perceptual > 0 {
		net, lin, err := perceptual(f, dev)
		if err != nil {
			return nil, fmt.Errorf("perceptual: %w", err)
		}
		out = append(out, func(s *torch.Scope, _ torch.Weights, x, y *torch.Tensor) *torch.Tensor {
			return s.Scale(net.Distance(s, lin, y, x), f.Perceptual)
		})
	}
	if f.Adversarial > 0 {
		out = append(out, critic{f.Critic}.term(f.Adversarial))
	}
	return out, nil
}

// The networks of perceptual terms are read once, and the models of an audit share them.
var (
	perceptualMu sync.Mutex
	perceptuals  = map[string]*features.Perceptual{}
)

// perceptual opens LPIPS's network and its linear weights.
func perceptual(f *Family, dev torch.Device) (*features.Perceptual, [][]float64, error) {
	lin, _, err := features.ReadLinear(f.LinearPath, f.LinearSHA256)
	if err != nil {
		return nil, nil, err
	}
	sum := f.PerceptualSHA256
	if sum == "" { // not from a plan
		if sum, err = weights.Seal(f.PerceptualPath, ""); err != nil {
			return nil, nil, err
		}
	}
	perceptualMu.Lock()
	defer perceptualMu.Unlock()
	key := fmt.Sprint(sum, dev)
	net, ok := perceptuals[key]
	if !ok {
		if net, err = features.OpenPerceptual(f.PerceptualPath, sum, dev); err != nil {
			return nil, nil, err
		}
		perceptuals[key] = net
	}
	return net, lin, net.Fits(lin)
}

// critic is VQGAN's discriminator: a PatchGAN (Isola et al. 2017, arXiv 1611.07004) of four convolutions of kernel 4 with
// leaky ReLUs and one that leaves an opinion on every patch. Layers are normalised over an image and not over the batch as
// published: an image's loss must not depend on the others beside it.
type critic struct{ channels int }

// minCritic is the smallest side of images that the convolutions leave something of.
const minCritic = 32

// layers lists the convolutions: channels in and out, and the stride.
func (c critic) layers() [][3]int {
	n := c.channels
	return [][3]int{{3, n, 2}, {n, 2 * n, 2}, {2 * n, 4 * n, 2}, {4 * n, 8 * n, 1}, {8 * n, 1, 1}}
}

func (c critic) add(l *torch.Layout) {
	for i, q := range c.layers() {
		l.AddConv(fmt.Sprintf("critic.%d", i), q[0], q[1], 4)
		if i > 0 && i < len(c.layers())-1 {
			l.AddGroupNorm(fmt.Sprintf("critic.%d.norm", i), q[1])
		}
	}
}

// opinions are how real each image's patches look, [N, patches].
func (c critic) opinions(s *torch.Scope, w torch.Weights, x *torch.Tensor) *torch.Tensor {
	last := len(c.layers()) - 1
	for i, q := range c.layers() {
		name := fmt.Sprintf("critic.%d", i)
		x = w.Conv(s, name, x, int64(q[2]), 1)
		if i > 0 && i < last {
			x = w.GroupNorm(s, name+".norm", x, 1)
		}
		if i < last {
			x = s.Add(s.Scale(s.ReLU(x), 0.8), s.Scale(x, 0.2)) // leaky, 0.2 below 0
		}
	}
	return s.Flatten(x)
}

// term is VQGAN's adversarial one (Esser et al. 2021, equation 5) of images x and paintings x̂, with the hinge loss of its
// code, of painter and discriminator D at once:
//
//	−α·mean D̄(x̂)  +  ½·mean max(0, 1 − D(x)) + ½·mean max(0, 1 + D(sg x̂)),
//
// D̄ being D with its weights held: the first part trains the painter alone, the others the discriminator alone. α is
// fixed; the paper's follows the ratio of gradients at the decoder's last layer, and sets in after many steps.
func (c critic) term(alpha float64) term {
	return func(s *torch.Scope, w torch.Weights, x, y *torch.Tensor) *torch.Tensor {
		held := make(torch.Weights, len(w))
		for i := range c.layers() {
			for _, part := range []string{".weight", ".bias", ".norm.weight", ".norm.bias"} {
				name := fmt.Sprintf("critic.%d%s", i, part)
				if t, ok := w[name]; ok {
					held[name] = s.Detach(t)
				}
			}
		}
		mean := func(t *torch.Tensor) *torch.Tensor { return s.MeanDims(t, false, 1) }
		painter := s.Scale(mean(c.opinions(s, held, y)), -alpha)
		taken := mean(s.ReLU(s.Shift(s.Neg(c.opinions(s, w, x)), 1)))
		given := mean(s.ReLU(s.Shift(c.opinions(s, w, s.Detach(y)), 1)))
		return s.Add(painter, s.Scale(s.Add(taken, given), 0.5))
	}
}
