package features

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/weights"
)

// ResNet20Entry is ResNet-20 in the list of all.
var ResNet20Entry = audit.Entry[Source]{
	Name: "resnet20",
	Doc:  "ResNet-20 for CIFAR-10, pictures of 32×32 (features [n, 64], 10 classes), from a safetensors or PyTorch checkpoint",
	New:  resNet20,
}

// ResNet56Entry is ResNet-56 in the list of all.
var ResNet56Entry = audit.Entry[Source]{
	Name: "resnet56",
	Doc:  "ResNet-56 for CIFAR-10, as resnet20",
	New:  resNet56,
}

// ResNet is a residual network for CIFAR-10 with shortcuts that have no parameters (He et al. 2016, §4.2, option A), of
// 6n + 2 layers, with names as in akamaster/pytorch_resnet_cifar10. It takes pictures of 32×32 pixels, normalised by
// ImageNet's mean and standard deviation; features [64] are the last layer's means, and there are ten classes.
type ResNet struct {
	Path   string `json:"path"`   // safetensors or a PyTorch checkpoint
	SHA256 string `json:"sha256"` // of the file; what is not this file is refused

	blocks int // n
}

const (
	resNetSide  = 32
	resNetWidth = 16
)

// imageNet is the mean and standard deviation of ImageNet's colours, as torchvision's networks take them.
var imageNet = Preparation{Mean: [3]float32{255 * .485, 255 * .456, 255 * .406}, Scale: [3]float32{255 * .229, 255 * .224, 255 * .225}}

func resNet20() Source { return &ResNet{blocks: 3} }
func resNet56() Source { return &ResNet{blocks: 9} }

func openResNet20(path string, k *Known) Source {
	return &ResNet{Path: path, SHA256: string(k.SHA256), blocks: 3}
}

func openResNet56(path string, k *Known) Source {
	return &ResNet{Path: path, SHA256: string(k.SHA256), blocks: 9}
}

// Validate checks the parameters.
func (f *ResNet) Validate() error { return weights.Pinned(f.Path, f.SHA256) }

// A residual is a network of 6·blocks + 2 layers, width channels in the first.
type residual struct{ blocks, width int }

func (n residual) name() string {
	name := fmt.Sprintf("resnet%d", 6*n.blocks+2)
	if n.width != resNetWidth {
		name += fmt.Sprintf("-width%d", n.width)
	}
	return name
}

// Open reads the weights.
func (f *ResNet) Open(dev torch.Device) (Extractor, error) {
	arrays, sum, err := weights.Read(f.Path, f.SHA256)
	if err != nil {
		return nil, err
	}
	net := residual{f.blocks, resNetWidth}
	if a := arrays["conv1.weight"]; len(a.Shape) == 4 { // narrow ones, for small files of tests
		for _, width := range []int{2, 4, 8} {
			if int(a.Shape[0]) == width {
				net.width = width
			}
		}
	}
	classes := int64(1)
	if a := arrays["linear.bias"]; len(a.Shape) == 1 && a.Shape[0] > 0 {
		classes = a.Shape[0]
	}
	p, err := bind(dev, f.Path, net.name(), net.layout(classes), arrays)
	if err != nil {
		return nil, err
	}
	prepare := imageNet
	prepare.Size = resNetSide
	return &network{id: Identity{Name: net.name(), SHA256: sum, Resize: prepare.name("imagenet"), Unverified: find(sum) == nil},
		prepare: prepare, dev: dev, free: p.Free,
		forward: func(s *torch.Scope, x *torch.Tensor) (features, logits *torch.Tensor) {
			return net.forward(s, p.Bind(s), x)
		}}, nil
}

// layout lists convolutions without bias and the normalisation after each.
func (n residual) layout(classes int64) torch.Layout {
	var l torch.Layout
	pair := func(at, number string, in, out int) {
		l.Add(at+"conv"+number+".weight", torch.Zeros, int64(out), int64(in), 3, 3)
		for _, part := range []string{"weight", "bias", "running_mean", "running_var"} {
			l.Add(at+"bn"+number+"."+part, torch.Zeros, int64(out))
		}
	}
	pair("", "1", 3, n.width)
	in := n.width
	for stage := 1; stage <= 3; stage++ {
		out := n.width << (stage - 1)
		for i := range n.blocks {
			at := fmt.Sprintf("layer%d.%d.", stage, i)
			pair(at, "1", in, out)
			pair(at, "2", out, out)
			in = out
		}
	}
	l.Add("linear.weight", torch.Zeros, classes, int64(in))
	l.Add("linear.bias", torch.Zeros, classes)
	return l
}

func (n residual) forward(s *torch.Scope, w torch.Weights, x *torch.Tensor) (features, logits *torch.Tensor) {
	conv := func(at, number string, x *torch.Tensor, stride int64) *torch.Tensor {
		bn := at + "bn" + number + "."
		return s.BatchNormEval(s.Conv2DNoBias(x, w[at+"conv"+number+".weight"], stride, 1),
			w[bn+"weight"], w[bn+"bias"], w[bn+"running_mean"], w[bn+"running_var"], 1e-5)
	}
	x = s.ReLU(conv("", "1", x, 1))
	for stage := 1; stage <= 3; stage++ {
		for i := range n.blocks {
			at := fmt.Sprintf("layer%d.%d.", stage, i)
			short, stride := x, int64(1)
			if stage > 1 && i == 0 {
				short, stride = shortcut(s, x), 2
			}
			y := conv(at, "2", s.ReLU(conv(at, "1", x, stride)), 1)
			x = s.ReLU(s.Add(y, short))
		}
	}
	features = s.MeanDims(x, false, 2, 3)
	return features, s.Linear(features, w["linear.weight"], w["linear.bias"])
}

// shortcut takes every second row and column of x [n, c, h, w] and puts c/2 channels of zeros before and after.
func shortcut(s *torch.Scope, x *torch.Tensor) *torch.Tensor {
	shape := x.Shape()
	if len(shape) != 4 {
		return x // the scope has an error
	}
	n, c := shape[0], shape[1]
	for dim := int64(2); dim < 4; dim++ {
		var even []int64
		for i := int64(0); i < shape[dim]; i += 2 {
			even = append(even, i)
		}
		x = s.IndexSelect(x, dim, s.FromInts(even, int64(len(even))))
	}
	zeros := s.Zeros(n, c/2, (shape[2]+1)/2, (shape[3]+1)/2)
	return s.Cat(1, zeros, x, zeros)
}
