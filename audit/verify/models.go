package verify

import (
	"fmt"
	"strings"

	"github.com/lethe-audit/lethe/audit"
)

// subjects holds the report's models against those that the plan wants: original,
// retrained models, then the methods in the plan's order.
func (c *checker) subjects() {
	want := []seat{{role: audit.RoleOriginal, kind: "original"}}
	least, most := c.rep.Plan.Retrained()
	for range min(max(len(c.rep.Oracles()), least), most) {
		want = append(want, seat{role: audit.RoleOracle, kind: "retrain"})
	}
	for _, it := range c.rep.Plan.Methods {
		want = append(want, seat{name: it.Name(), kind: it.Kind})
	}
	have := c.rep.Subjects
	names := map[string]bool{}
	for i, s := range have {
		if names[s.Name] {
			c.add(Difference{Kind: Subject, Name: s.Name, Field: "models of that name", Stored: 2, Recomputed: 1})
		}
		names[s.Name] = true
		switch {
		case i >= len(want):
			c.add(Difference{Kind: Subject, Name: s.Name, Stored: string(s.Role)})
		case !want[i].takes(s):
			c.add(Difference{Kind: Subject, Name: fmt.Sprintf("model %d", i+1), Stored: seat{s.Name, s.Kind, s.Role}, Recomputed: want[i]})
		}
	}
	for i := len(have); i < len(want); i++ {
		c.add(Difference{Kind: Subject, Name: fmt.Sprintf("model %d", i+1), Recomputed: want[i]})
	}
	for _, s := range c.rep.Shadows {
		if s.Role != audit.RoleShadow {
			c.add(Difference{Kind: Subject, Name: s.Name, Field: "role", Stored: string(s.Role), Recomputed: string(audit.RoleShadow)})
		}
	}
}

// A seat is a model that the plan wants. The original and the oracles may have any
// name, and a method's role is that of a method or a control.
type seat struct {
	name, kind string
	role       audit.Role
}

func (w seat) takes(s audit.Subject) bool {
	if w.kind != s.Kind || w.name != "" && w.name != s.Name {
		return false
	}
	if w.role == "" {
		return s.Role == audit.RoleMethod || s.Role == audit.RoleControl
	}
	return w.role == s.Role
}

func (w seat) String() string {
	var words []string
	for _, s := range []string{w.name, string(w.role)} {
		if s != "" {
			words = append(words, printable(s))
		}
	}
	return strings.Join(append(words, "of kind "+printable(w.kind)), " ")
}

// samples looks for samples that are not whole, and for those that stand there
// twice: criteria read the first of them.
func (c *checker) samples() {
	for i, list := range [][]audit.Subject{c.rep.Subjects, c.rep.Shadows} {
		for _, s := range list {
			seen := map[string]bool{}
			for _, x := range s.Samples {
				if err := x.Check(); err != nil {
					c.add(Difference{Kind: Sample, Name: s.Name, Field: x.Key(), Stored: err.Error()})
				}
				if seen[x.Key()] {
					c.add(Difference{Kind: Sample, Name: s.Name, Field: x.Key(), Stored: "it stands there twice"})
				}
				seen[x.Key()] = true
			}
			if i == 0 {
				c.counted += len(s.Samples)
			}
		}
	}
}

// costs recomputes costs relative to the oracles' mean, in the order of operations
// in which the engine does it.
func (c *checker) costs() {
	oracles := c.rep.Oracles()
	var seconds, images float64
	for _, o := range oracles {
		seconds += o.Cost.Seconds / float64(len(oracles))
		images += float64(o.Cost.Images) / float64(len(oracles))
	}
	for _, list := range [][]audit.Subject{c.rep.Subjects, c.rep.Shadows} {
		for _, s := range list {
			want := audit.Cost{Elsewhere: true}
			if !s.Cost.Elsewhere {
				want = s.Cost
				want.RelativeTime, want.RelativeWork = s.Cost.Seconds/seconds, float64(s.Cost.Images)/images
			}
			c.compare(Cost, s.Name, s.Cost, want)
		}
	}
}
