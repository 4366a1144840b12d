package features

import "github.com/lethe-audit/lethe/audit"

// A Known file is recognised by its sha256 alone: what it takes and gives needs no settings.
type Known struct {
	Name   string // of the features, as in fd(name)
	SHA256 audit.Digest
	File   string // as it is published
	Source string // who publishes it
	Input  string // range and resize
	Output string // or what to do, where Lethe cannot run the file
	open   func(path string, k *Known) Source
}

// KnownFiles lists the field's weights.
func KnownFiles() []Known {
	const clip, clipInput = "OpenAI, CLIP (clip/clip.py)", "bicubic as Pillow on the shorter side, middle square, CLIP's mean and deviation"
	return []Known{
		{"inception-v3", "f58cb9b6ec323ed63459aa4fb441fe750cfe39fafad6da5cb504a16f19e958f4", "inception-2015-12-05.pt",
			"NVIDIA, stylegan2-ada-pytorch metrics; also clean-fid's", "bytes; resized inside to 299×299 as TensorFlow " +
				"1", "features [2048], logits [1008]", openInception},
		{"inception-v3", "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2", "weights-inception-2015-12-05-6726825d.pth",
			"torch-fidelity; pytorch-fid's pt_inception-2015-12-05-6726825d.pth", "",
			"it holds weights without their network: take NVIDIA's TorchScript of the same network, inception-2015-12-05.pt", nil},
		{"clip-vit-b-32", "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af", "ViT-B-32.pt", clip, clipInput,
			"features [512]", openCLIP},
		{"clip-vit-b-16", "5806e77cd80f8b59890b7e101eabd078d9fb84e6937f9e85e4ecb61988df416f", "ViT-B-16.pt", clip, clipInput,
			"features [512]", openCLIP},
		{"clip-vit-l-14", "b8cca3fd41ae0c99ba7e8951adf17d267cdb84cd88be6f7c2e0eca1737a03836", "ViT-L-14.pt", clip, clipInput,
			"features [768]", openCLIP},
		{"clip-vit-l-14-336", "3035c92b350959924f9f00213499208652fc7ea050643e8b385c2dac08641f02", "ViT-L-14-336px.pt", clip,
			clipInput, "features [768]", openCLIP},
		{"resnet20", "12fca82f0bebc4135bf1f32f6e3710e61d5108578464b84fd6d7f5c1b04036c8", "resnet20-12fca82f.th",
			"akamaster/pytorch_resnet_cifar10", "32×32, ImageNet's mean and deviation", "features [64], logits [10]", openResNet20},
	}
}

// find looks a file up by its hash.
func find(sum audit.Digest) *Known {
	for _, k := range KnownFiles() {
		if k.SHA256 == sum {
			return &k
		}
	}
	return nil
}
