package families

import (
	"testing"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/families/mae"
	"github.com/lethe-audit/lethe/internal/families/pixelrange"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// BenchmarkTrainingStep is one Adam step on 64 images of side 32, as
// docs/benchmarks compares it with PyTorch.
func BenchmarkTrainingStep(b *testing.B) {
	for _, e := range All[:1] {
		b.Run(e.Name, func(b *testing.B) { benchmarkStep(b, e.New(), 32, 64, audit.Float32) })
	}
}

// BenchmarkPrecision is one Adam step of the MAE of the plan imagenette-mae, on 32 images of side 64, in both precisions.
func BenchmarkPrecision(b *testing.B) {
	f := &mae.Family{Patch: 8, Dim: 128, Depth: 4, Heads: 4, DecoderDim: 96, DecoderDepth: 2, DecoderHeads: 4, Pixels: pixelrange.Tanh}
	for _, p := range []audit.Precision{audit.Float32, audit.BFloat16} {
		b.Run(p.String(), func(b *testing.B) { benchmarkStep(b, f, 64, 32, p) })
	}
}

func benchmarkStep(b *testing.B, f models.Family, side, n int, p audit.Precision) {
	b.Helper()
	torch.SetThreads(1)
	m, err := f.New(torch.CPU, models.Shape{Size: side, Masked: true}, 1)
	if err != nil {
		b.Fatal(err)
	}
	defer m.Params().Free()
	opt, err := torch.NewAdam(m.Params(), 0, m.Params().Layout().Size())
	if err != nil {
		b.Fatal(err)
	}
	defer opt.Free()
	images := make([]float32, n*3*side*side)
	for i := range images {
		images[i] = float32(i%17)/8.5 - 1
	}
	seeds := make([]uint64, n)
	for b.Loop() {
		if err := torch.With(torch.CPU, func(s *torch.Scope) error {
			v, err := tasks.Apply(&tasks.Inpaint{Hole: 0.5}, images, side, seeds)
			if err != nil {
				return err
			}
			in := models.NewInput(s, v, true, 0)
			count, size := int64(n), int64(side)
			target, region := s.FromFloats(images, count, 3, size, size), s.FromFloats(v.Region, count, 1, size, size)
			var loss *torch.Tensor
			s.Products(p, func() { loss = s.Mean(m.Loss(s, in, target, region)) })
			opt.Step(s, s.Gradient(loss, m.Params().Flat()), 1e-3)
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "images/s")
}
