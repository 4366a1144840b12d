package metrics

import (
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/outputs"
)

// A Metric measures one model and returns raw samples.
type Metric interface {
	Measure(in *Input) ([]audit.Sample, error)
}

// A Looker is a metric that needs the activations of the models' own layers.
type Looker interface{ LooksInside() }

// LooksInside tells whether any of the metrics is a Looker.
func LooksInside(ms []Metric) bool {
	return slices.ContainsFunc(ms, func(m Metric) bool { _, ok := m.(Looker); return ok })
}

// Input is one model beside what it is compared with.
type Input = outputs.Input

// All lists the metrics.
var All = audit.Set[Metric]{
	{Name: "mse", Doc: "mean squared error, pixels in [−1, 1] (lower is better)", New: func() Metric { return &pixelMetric{name: "mse"} }},
	{Name: "psnr", Doc: "peak signal-to-noise ratio in dB, data range 2 (higher is better)", New: func() Metric { return &pixelMetric{name: "psnr"} }},
	{Name: "ssim", Doc: "structural similarity, as scikit-image (higher is better)", New: func() Metric { return &pixelMetric{name: "ssim"} }},
	{Name: "fd", Doc: "Fréchet distance of features to those of the true images (lower is better); called FID only in Inception-v3's features", New: func() Metric { return &setMetric{name: "fd"} }},
	{Name: "kid", Doc: "kernel distance of features to those of the true images, unbiased (lower is better)", New: func() Metric { return &setMetric{name: "kid"} }},
	{Name: "is", Doc: "Inception-style score of the features' classes (higher is better)", New: func() Metric { return &setMetric{name: "is"} }},
	{Name: "prdc", Doc: "precision, recall, density and coverage of features against those of the true images (higher is better)", New: func() Metric { return &prdcMetric{K: 3} }},
	{Name: "cmmd", Doc: "kernel distance of features at unit length to those of the true images, ×1000 (lower is better); meant for CLIP's", New: func() Metric { return &cmmdMetric{} }},
	{Name: "lpips", Doc: "learned perceptual distance of each painting to the true image, v0.1 with SqueezeNet 1.1 (lower is better); needs files", New: func() Metric { return &lpipsMetric{} }},
	{Name: "embedding", Doc: "cosine similarity of the painting's features to the true image's, as CLIP image similarity (higher is better)", New: func() Metric { return &embedding{} }},
	{Name: "displacement", Doc: "distance between the original's painting and the model's, L2 over the region: what λ bounds", New: func() Metric { return &displacement{} }},
	{Name: "texture", Doc: "spread and gradient energy of the painted pixels", New: func() Metric { return &texture{} }},
	{Name: "oracle-distance", Doc: "distance of each painting to the retrained models' paintings of the same image", New: func() Metric { return &oracleDistance{} }},
	{Name: "cka", Doc: "linear CKA of the model's layers with the retrained models', debiased (nearer to the retrained models' own is better)", New: func() Metric { return &layerSimilarity{} }},
	{Name: "oracle-fd", Doc: "Fréchet distance of features to the retrained models' paintings of the same images", New: func() Metric { return &oracleFD{} }},
}

// perImage makes a sample with one value per image of a part.
func perImage(in *Input, quantity, view string, p audit.Part, d audit.Direction, id Identity, values []float64) audit.Sample {
	return audit.Sample{
		Quantity: quantity, View: view, Part: p, Identity: id.String(), Direction: d,
		Unit: audit.PerImage, Index: in.Stage.Index[p], Values: values,
	}
}

// shape is the stage's image shape.
func shape(in *Input) Shape { return Shape{C: 3, H: in.Stage.Size, W: in.Stage.Size} }

// mask is image i's region.
func mask(b corpus.Batch, i int) []float32 {
	area := b.View.Size * b.View.Size
	return b.View.Region[i*area : (i+1)*area]
}

// image is image i of a stack.
func image(stack []float32, i, size int) []float32 {
	px := 3 * size * size
	return stack[i*px : (i+1)*px]
}
