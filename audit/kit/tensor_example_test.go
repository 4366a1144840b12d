package kit_test

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit/kit"
)

// Gradient steps on anything: weights of one's own are the leaf, Adam steps them.
func Example_gradients() {
	var l kit.Layout
	l.Add("x", kit.Zeros, 1)
	x, err := kit.NewParams(kit.CPU, l, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer x.Free()
	opt, err := kit.NewAdam(x, 0, l.Size())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer opt.Free()
	for range 200 { // the least of (x − 3)²
		err := kit.With(kit.CPU, func(s *kit.Scope) error {
			loss := s.Sum(s.Square(s.Shift(x.Bind(s)["x"], -3)))
			opt.Step(s, x.Gradient(s, loss), 0.1)
			return nil
		})
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	v, err := x.Values()
	fmt.Printf("%.1f %v\n", v[0], err)
	// Output: 3.0 <nil>
}
