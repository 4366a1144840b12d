package features

import (
	"errors"
	"fmt"
	"strings"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/checkpoint"
	"github.com/lethe-audit/lethe/internal/pixels"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/weights"
)

// SqueezeNetEntry is the source in the list of all.
var SqueezeNetEntry = audit.Entry[Source]{
	Name: "squeezenet",
	Doc:  "SqueezeNet 1.0 or 1.1 for ImageNet with its authors' weights (features [n, 512]), from a safetensors or PyTorch checkpoint",
	New:  squeezeNet,
}

// SqueezeNet is SqueezeNet 1.0 or 1.1 (Iandola et al. 2016) with the weights of its authors for ImageNet, which of the
// two its first layer tells, with names as torchvision's. It takes what Caffe's networks take: grey levels 0…255, blue
// first, less (104, 117, 123). Pictures are resized to 224×224 with Pillow's bilinear filter; those of that size stay as
// they are. Features [512] are the means of the last layer before the classes; a file without a classifier has none.
type SqueezeNet struct {
	Path   string `json:"path"`   // safetensors or a PyTorch checkpoint
	SHA256 string `json:"sha256"` // of the file; what is not this file is refused

	version string // "1.0" or "1.1"; "" takes either
	thin    int    // what widths must be divided by: 1 for the published networks; 0 takes narrow ones too
}

const squeezeNetSide = 224

// caffe is the mean of ImageNet's colours, as Caffe's networks take them.
var caffe = Preparation{Mean: [3]float32{123, 117, 104}, Scale: [3]float32{1, 1, 1}, BGR: true}

func squeezeNet() Source { return &SqueezeNet{} }

// Validate checks the parameters.
func (f *SqueezeNet) Validate() error { return weights.Pinned(f.Path, f.SHA256) }

// Open reads the weights.
func (f *SqueezeNet) Open(dev torch.Device) (Extractor, error) {
	arrays, sum, err := weights.Read(f.Path, f.SHA256)
	if err != nil {
		return nil, err
	}
	net, err := f.network(arrays)
	if err != nil {
		return nil, err
	}
	p, err := bind(dev, f.Path, net.name(), net.layout(arrays), arrays)
	if err != nil {
		return nil, err
	}
	prepare := caffe.to(pixels.PillowBilinear, squeezeNetSide)
	return &network{id: Identity{Name: net.name(), SHA256: sum, Resize: prepare.name("caffe-bgr"), Unverified: find(sum) == nil},
		prepare: prepare, dev: dev, free: p.Free,
		forward: func(s *torch.Scope, x *torch.Tensor) (features, logits *torch.Tensor) {
			w := p.Bind(s)
			h := net.forward(s, w, x, nil)
			features = s.MeanDims(h, false, 2, 3)
			if w["classifier.1.weight"] != nil {
				logits = s.MeanDims(s.ReLU(w.Conv(s, "classifier.1", h, 1, 0)), false, 2, 3)
			}
			return features, logits
		}}, nil
}

// A squeezing is one of the two networks: its layers by torchvision's numbers.
type squeezing struct {
	version string
	thin    int // all widths are divided by it: 1, but for small files of tests
	kernel  int // of layer 0
	width   int // of layer 0
	pools   [3]int
	fires   [][2]int // number and channels of every squeeze layer; each of the two expand layers has four times as many
}

var squeezings = []squeezing{
	{version: "1.0", kernel: 7, width: 96, pools: [3]int{2, 6, 11},
		fires: [][2]int{{3, 16}, {4, 16}, {5, 32}, {7, 32}, {8, 48}, {9, 48}, {10, 64}, {12, 64}}},
	{version: "1.1", kernel: 3, width: 64, pools: [3]int{2, 5, 8},
		fires: [][2]int{{3, 16}, {4, 16}, {6, 32}, {7, 32}, {9, 48}, {10, 48}, {11, 64}, {12, 64}}},
}

func (n squeezing) name() string {
	if n.thin > 1 {
		return fmt.Sprintf("squeezenet-%s-width%d", n.version, n.width/n.thin)
	}
	return "squeezenet-" + n.version
}

// network tells the version by the first layer's kernel, and narrow ones by its width. A file of the feature layers
// alone may name them without "features.", which is put before.
func (f *SqueezeNet) network(arrays map[string]checkpoint.Array) (squeezing, error) {
	if _, ok := arrays["0.weight"]; ok {
		for name, a := range arrays {
			if !strings.HasPrefix(name, "features.") {
				delete(arrays, name)
				arrays["features."+name] = a
			}
		}
	}
	first, ok := arrays["features.0.weight"]
	if !ok || len(first.Shape) != 4 {
		return squeezing{}, fmt.Errorf("features: %s does not hold SqueezeNet's weights: features.0.weight is missing", f.Path)
	}
	for _, n := range squeezings {
		if int(first.Shape[2]) != n.kernel {
			continue
		}
		if f.version != "" && f.version != n.version {
			return n, fmt.Errorf("features: %s holds SqueezeNet %s, wanted is %s", f.Path, n.version, f.version)
		}
		if n.thin = f.thin; n.thin > 0 {
			return n, nil
		}
		n.thin = 1
		for _, thin := range []int{2, 4, 8, 16} {
			if int(first.Shape[0]) == n.width/thin {
				n.thin = thin
			}
		}
		return n, nil
	}
	return squeezing{}, errors.New("features: " + f.Path + " holds neither SqueezeNet 1.0 nor 1.1: features.0.weight is " +
		fmt.Sprint(first.Shape))
}

// layout lists the weights, with a classifier where the file has one.
func (n squeezing) layout(arrays map[string]checkpoint.Array) torch.Layout {
	var l torch.Layout
	in := n.width / n.thin
	l.AddConv("features.0", 3, in, n.kernel)
	for _, fire := range n.fires {
		at, c := fmt.Sprintf("features.%d.", fire[0]), fire[1]/n.thin
		l.AddConv(at+"squeeze", in, c, 1)
		l.AddConv(at+"expand1x1", c, 4*c, 1)
		l.AddConv(at+"expand3x3", c, 4*c, 3)
		in = 8 * c
	}
	if a, ok := arrays["classifier.1.weight"]; ok && len(a.Shape) > 0 && a.Shape[0] > 0 {
		l.AddConv("classifier.1", in, int(a.Shape[0]), 1)
	}
	return l
}

// forward makes of x [n, 3, h, w] the last fire layer's output. after sees what every layer gives, by its number; an
// activation has its layer's.
func (n squeezing) forward(s *torch.Scope, w torch.Weights, x *torch.Tensor, after func(layer int, h *torch.Tensor)) *torch.Tensor {
	if after == nil {
		after = func(int, *torch.Tensor) {}
	}
	h := s.ReLU(w.Conv(s, "features.0", x, 2, 0))
	after(0, h)
	next := 0
	for _, fire := range n.fires {
		if next < len(n.pools) && n.pools[next] < fire[0] {
			h = s.MaxPool2DCeil(h, 3, 2)
			next++
		}
		at := fmt.Sprintf("features.%d.", fire[0])
		q := s.ReLU(w.Conv(s, at+"squeeze", h, 1, 0))
		h = s.Cat(1, s.ReLU(w.Conv(s, at+"expand1x1", q, 1, 0)), s.ReLU(w.Conv(s, at+"expand3x3", q, 1, 1)))
		after(fire[0], h)
	}
	return h
}
