package models

import (
	"testing"

	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

// BenchmarkTrainingStep is one Adam step on 64 images of side 32, as
// docs/benchmarks compares it with PyTorch.
func BenchmarkTrainingStep(b *testing.B) {
	torch.SetThreads(1)
	for _, e := range All[:1] {
		b.Run(e.Name, func(b *testing.B) {
			m, err := e.New().New(torch.CPU, Shape{Size: 32, Masked: true}, 1)
			if err != nil {
				b.Fatal(err)
			}
			defer m.Params().Free()
			opt, err := torch.NewAdam(m.Params(), 0, m.Params().Layout().Size())
			if err != nil {
				b.Fatal(err)
			}
			defer opt.Free()
			images := make([]float32, 64*3*32*32)
			for i := range images {
				images[i] = float32(i%17)/8.5 - 1
			}
			seeds := make([]uint64, 64)
			for b.Loop() {
				if err := torch.With(torch.CPU, func(s *torch.Scope) error {
					v, err := tasks.Apply(&tasks.Inpaint{Hole: 0.5}, images, 32, seeds)
					if err != nil {
						return err
					}
					in := NewInput(s, v, true, 0)
					target := s.FromFloats(images, 64, 3, 32, 32)
					loss := s.Mean(m.Loss(s, in, target, s.FromFloats(v.Region, 64, 1, 32, 32)))
					opt.Step(s, s.Gradient(loss, m.Params().Flat()), 1e-3)
					return nil
				}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(64*b.N)/b.Elapsed().Seconds(), "images/s")
		})
	}
}
