package engine

import (
	"fmt"
	"slices"

	"github.com/lethe-audit/lethe/attacks"
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/methods"
)

// learned names the attack that is run on shadows, too: other attacks learn from its samples.
const learned = attacks.Learned

// shadow lays out the shadows: further originals with seeds of their own, and what each method makes of them, if it
// starts from an original at all. Attacks learn from them how much the traces that a method leaves vary. Nobody judges
// them.
func (r *run) shadow() {
	p := r.Plan
	if !slices.ContainsFunc(p.Attacks, func(it audit.Item) bool { return it.Kind == learned }) {
		return
	}
	first := r.cells[0]
	for k := 1; k <= p.Shadows; k++ {
		name := audit.ShadowOf("original", k)
		base := &cell{name: name, shadowOf: "original", kind: first.kind, role: audit.RoleShadow, item: first.item,
			method: first.method, seed: audit.Seed(p.Seed, "shadow", fmt.Sprint(k))}
		r.shadows = append(r.shadows, base)
		for _, c := range r.cells[1:] {
			if c.role != audit.RoleMethod || methods.NeedsOf(c.method).Fresh {
				continue
			}
			r.shadows = append(r.shadows, &cell{name: audit.ShadowOf(c.name, k), shadowOf: c.name, kind: c.kind,
				role: audit.RoleShadow, item: c.item, method: c.method,
				seed: audit.Seed(p.Seed, "shadow", fmt.Sprint(k), c.name), base: base})
		}
	}
}

// all returns the cells, then the shadows.
func (r *run) all() []*cell { return slices.Concat(r.cells, r.shadows) }
