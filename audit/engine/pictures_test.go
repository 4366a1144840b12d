package engine

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestPicturesAreSpread(t *testing.T) {
	for _, c := range []struct {
		name string
		n    int
		want []int
	}{
		{"none", 0, []int{}},
		{"fewer than are shown", 2, []int{0, 1}},
		{"as many as are shown", gridImages, []int{0, 1, 2}},
		{"thirty, sorted by class: one of each ten", 30, []int{0, 10, 20}},
		{"a number that does not divide", 256, []int{0, 85, 170}},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, displayed(c.n)) })
	}
}
