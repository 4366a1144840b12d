// Package counts checks those parameters of a family that count something.
package counts

import "fmt"

// A Count is a parameter under its name in a plan.
type Count struct {
	name string
	n    int
}

// Of names a parameter.
func Of(name string, n int) Count { return Count{name, n} }

// Positive wants at least 1 of each; the error names the first that has less.
func Positive(counts ...Count) error {
	for _, c := range counts {
		if c.n < 1 {
			return fmt.Errorf("%s is %d: want at least 1", c.name, c.n)
		}
	}
	return nil
}
