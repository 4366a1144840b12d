package dishonest

import (
	"errors"
	"fmt"
)

// trained checks what every kind that trains is given.
func trained(effort, lr float64) error {
	return errors.Join(
		within("effort", effort, 0, 10, "a share of the original's epochs"),
		within("lr", lr, 0, 100, "a learning rate"),
	)
}

// within wants a number above lo and up to hi.
func within(name string, v, lo, hi float64, what string) error {
	if !(v > lo && v <= hi) {
		return fmt.Errorf("%s is %v: want %s, above %g and up to %g", name, v, what, lo, hi)
	}
	return nil
}

// tolerable wants a tolerance that still tells images apart.
func tolerable(v float64) error {
	if !(v >= 0 && v <= 2) {
		return fmt.Errorf("tolerance is %v: want a root mean square difference of pixels in [−1, 1], from 0 (exact) to 2", v)
	}
	return nil
}
