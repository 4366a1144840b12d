package engine

import (
	"context"
	"fmt"

	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/methods"
)

// fromOriginal reports whether the original is needed to make a cell's model, or to let it answer.
func (c *cell) fromOriginal() bool {
	_, wraps := c.method.(methods.Wrapper)
	return c.base != nil && (wraps || !methods.NeedsOf(c.method).Fresh)
}

// wrapped is what the audit sees of a cell whose weights are loaded: the model itself,
// or what a wrapper makes of it. Nothing of it is stored: the weights are in the
// cell's folder and the original's, and both keys cover what else a wrapper reads.
func (r *run) wrapped(c *cell) (models.Model, error) {
	w, ok := c.method.(methods.Wrapper)
	if !ok {
		return c.made.model, nil
	}
	p, err := r.problem(c)
	if err != nil {
		return nil, err
	}
	m, err := w.Wrap(context.Background(), p, c.made.model) // reads images, no more
	if err != nil {
		return nil, fmt.Errorf("wrap %s: %w", c.name, err)
	}
	return m, nil
}
