package kit

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/outputs"
	"github.com/lethe-audit/lethe/metrics"
	"github.com/lethe-audit/lethe/metrics/measure"
)

type (
	// Metric is what a metric implements. Its entry goes into Catalogue.Metrics and lists the quantities that it leaves.
	Metric = measure.Metric
	// Input is one model beside what it is compared with: the images of every part, and what the models painted.
	Input = measure.Input
	// Stage is the fixed images and views on which every model is measured.
	Stage = outputs.Stage
	// Painted is everything that one model painted, by part.
	Painted = outputs.Model
	// PaintedPart is one model's paintings of one part, with their features.
	PaintedPart = outputs.Set
	// Activations are what one of a model's own layers gives for a part's images.
	Activations = outputs.Layer
	// Looker is a metric that needs such activations.
	Looker = measure.Looker
	// Pair is one painting beside its true image.
	Pair = measure.Pair
	// Identity is everything that determines a number, for samples that a metric makes by itself: metrics.Identity.
	Identity = metrics.Identity
)

// PerImage measures every painting of the parts that the audit has by a function of it and its true image, and leaves one
// sample of the quantity for each part. view is audit.Hole or audit.Image: what of an image the number is made of.
func PerImage(in *Input, q audit.Quantity, view string, parts []audit.Part, of func(Pair) (float64, error)) ([]audit.Sample, error) {
	return measure.PerImage(in, q, view, parts, of)
}

// NewMetricInput is an input for tests, of true and painted images [N, 3, size, size] in [−1, 1] by part. What the task
// hides is taken from the paintings, the rest from the truth.
func NewMetricInput(size int, t Task, truth, painted map[audit.Part][]float32) (*Input, error) {
	return outputs.Made(size, t, truth, painted)
}
