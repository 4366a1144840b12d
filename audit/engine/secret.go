package engine

import (
	"errors"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/secret"
	"github.com/lethe-audit/lethe/methods"
)

// unlock opens the file of the plan's secret, if the plan names one.
func (r *run) unlock() (err error) {
	s := r.Plan.Secret
	switch {
	case s == nil:
		return nil
	case s.Commitment == "":
		return errors.New("secret: the plan does not say which secret: its commitment is missing")
	case s.Path != "":
		if r.secret, _, err = secret.Open(s.Path, s.Commitment); err != nil {
			return fmt.Errorf("secret: %w", err)
		}
	}
	return nil
}

// locked fails early, before hours of work, if a model that draws noise is still to be made and the secret is missing.
// Models that were made before are reported on without it.
func (r *run) locked() error {
	for _, c := range r.all() {
		missing := r.missing(c)
		if missing == nil {
			continue
		}
		ok := false
		if r.Dir != "" {
			var err error
			if _, ok, err = load[made](cellDir(r.Dir, c.name, c.key), c.key); err != nil {
				return err
			}
		}
		if !ok {
			return missing
		}
	}
	return nil
}

// missing returns an error if making a cell's model takes a secret whose file was not given.
func (r *run) missing(c *cell) error {
	if r.Plan.Secret == nil || r.secret != nil || !c.noised() {
		return nil
	}
	return fmt.Errorf("%s has yet to be made, and draws noise from the secret with the commitment %s: give its file "+
		"(secret: {path: …})", c.name, r.Plan.Secret.Commitment)
}

// noised tells whether a cell's method draws (ε, δ) noise.
func (c *cell) noised() bool { return c.claimed(true) != nil }

// claimed is the (ε, δ) guarantee that a cell's method claims; nil if it claims none.
func (c *cell) claimed(secret bool) *audit.Guarantee {
	if g, ok := c.method.(methods.Guarantor); ok {
		return g.Claimed(secret)
	}
	return nil
}
