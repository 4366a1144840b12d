package torch_test

import (
	"fmt"
	"strings"

	"github.com/lethe-audit/lethe/internal/torch"
)

func ExampleWith() {
	err := torch.With(torch.CPU, func(s *torch.Scope) error {
		x := s.FromFloats([]float32{1, -2, 3}, 3)
		s.RequireGrad(x)
		loss := s.Mean(s.Square(x))
		fmt.Printf("%.3f %.3f\n", s.Item(s.Detach(loss)), s.Floats(s.Gradient(loss, x)))
		s.Matmul(x, s.Zeros(4)) // the scope remembers that this failed
		return nil
	})
	fmt.Println(strings.HasPrefix(err.Error(), "matmul of [3], [4]: "))
	// Output:
	// 4.667 [0.667 -1.333 2.000]
	// true
}
