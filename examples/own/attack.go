package own

import (
	"context"
	"fmt"
	"math"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/kit"
)

// This file shows an attack that follows gradients, and the criterion that judges it. The attack leaves raw numbers, one
// an image; the criterion compares them with those of retrained models, and can be recomputed from a stored report.

var gradientNormEntry = audit.Entry[kit.Attack]{
	Name:   "own/gradient-norm",
	Doc:    "is the loss flatter at forget images than at test images?",
	New:    func() kit.Attack { return &GradientNorm{Most: 32} },
	Leaves: []audit.Quantity{gradientNorm},
}

var gradientNorm = audit.Quantity{
	Name: "own-gradient-norm", Head: "grad.", Unit: "norm of the loss's gradient", Direction: audit.Neutral,
	What: "how much the weights would have to move for an image: little where it is known",
}

// GradientNorm measures for every image the Euclidean norm of its training loss's gradient by all weights.
type GradientNorm struct {
	kit.Silent
	Most int `json:"most"` // images of a part
}

// Validate is called when a plan is read.
func (a *GradientNorm) Validate() error {
	if a.Most < 1 {
		return fmt.Errorf("most is %d: want at least one image", a.Most)
	}
	return nil
}

// Measure works on a copy: a target that can only be asked to paint has none to give, and the report says so.
func (a *GradientNorm) Measure(ctx context.Context, t *kit.Target) ([]audit.Sample, error) {
	m, err := t.Open()
	if err != nil {
		return nil, err
	}
	defer m.Params().Free()
	return t.ForgetAndTest("own/gradient-norm", gradientNorm, "", fmt.Sprintf("most=%d", a.Most), func(_ audit.Part, b kit.Batch) ([]float64, error) {
		norms := make([]float64, min(a.Most, b.View.N))
		for i := range norms {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			var square float64
			err := kit.With(t.Corpus.Device, func(s *kit.Scope) error {
				in, target, region := t.Corpus.Tensors(s, b.Slice(i, i+1), t.Seed)
				grad := m.Params().Gradient(s, s.Mean(m.Loss(s, in, target, region)))
				square = s.Item(s.Sum(s.Square(grad)))
				return nil
			})
			if err != nil {
				return nil, err
			}
			if math.IsNaN(square) || math.IsInf(square, 0) {
				return nil, fmt.Errorf("%w: the gradient of image %d is %v", kit.ErrDiverged, i, square)
			}
			norms[i] = math.Sqrt(square)
		}
		return norms, nil
	})
}

var gradientGapEntry = audit.Entry[kit.Criterion]{
	Name: "own/gradient-norm",
	Doc:  "the loss is no flatter at forget images than at test images, beyond what it is in retrained models",
	New:  func() kit.Criterion { return gradientGap() },
}

func gradientGap() *kit.Gap {
	return kit.NewGap(0.3, kit.Judged{
		Attack: "own/gradient-norm", Quantity: gradientNorm, Name: "forget − test gradient norm", Unit: "log norm",
		Words: kit.Words{
			Seeks:   kit.Influence,
			Pass:    "no evidence that its loss is flatter at forget images than a retrained model's, beyond the margin",
			Fail:    "its loss is flatter at forget images than a retrained model's",
			NoPower: "even the original's loss is no flatter there: it memorised too little",
		},
	})
}
