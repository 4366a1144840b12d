package engine

import (
	"fmt"
	"slices"

	"github.com/lethe-audit/lethe/attacks"
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/methods"
)

// learned is the attack whose samples of shadows others learn from.
const learned = attacks.Learned

// shadow lays out the shadows: originals with seeds of their own, and of each what every method that starts from an
// original makes of it. They show how what a method leaves varies where nobody judges it.
func (r *run) shadow() {
	p := r.Plan
	if !slices.ContainsFunc(p.Attacks, func(it audit.Item) bool { return it.Kind == learned }) {
		return
	}
	first := r.cells[0]
	for k := 1; k <= p.Shadows; k++ {
		name := audit.ShadowOf("original", k)
		base := &cell{name: name, shadowOf: "original", kind: first.kind, role: audit.RoleShadow, item: first.item, method: first.method, seed: audit.Seed(p.Seed, "shadow", fmt.Sprint(k))}
		r.shadows = append(r.shadows, base)
		for _, c := range r.cells[1:] {
			if c.role != audit.RoleMethod || methods.NeedsOf(c.method).Fresh {
				continue
			}
			r.shadows = append(r.shadows, &cell{name: audit.ShadowOf(c.name, k), shadowOf: c.name, kind: c.kind, role: audit.RoleShadow, item: c.item, method: c.method,
				seed: audit.Seed(p.Seed, "shadow", fmt.Sprint(k), c.name), base: base})
		}
	}
}

// all are the cells and the shadows.
func (r *run) all() []*cell { return slices.Concat(r.cells, r.shadows) }
