package verify

import (
	"slices"

	"github.com/lethe-audit/lethe/audit"
)

// judged lists the models as criteria want them.
func (c *checker) judged() []*audit.Subject {
	out := make([]*audit.Subject, len(c.rep.Subjects))
	for i := range out {
		out[i] = &c.rep.Subjects[i]
	}
	return out
}

// verdicts compares the stored verdicts with those that the samples give, by subject
// and criterion.
func (c *checker) verdicts(again []audit.Verdict) {
	name := func(v audit.Verdict) string { return v.Subject + ", " + v.Criterion }
	type key struct{ subject, criterion string }
	left := map[key][]int{}
	for i, v := range c.rep.Verdicts {
		k := key{v.Subject, v.Criterion}
		left[k] = append(left[k], i)
	}
	matched := make([]bool, len(c.rep.Verdicts))
	for i, v := range again {
		k := key{v.Subject, v.Criterion}
		if len(left[k]) == 0 {
			c.add(Difference{Kind: Verdict, Name: name(v), Recomputed: v.Outcome})
			continue
		}
		at := left[k][0]
		left[k], matched[at] = left[k][1:], true
		c.compare(Verdict, name(v), c.rep.Verdicts[at], v)
		if len(again) == len(c.rep.Verdicts) && at != i {
			c.add(Difference{Kind: Verdict, Name: name(v), Field: "place", Stored: at + 1, Recomputed: i + 1})
		}
	}
	for i, v := range c.rep.Verdicts {
		if !matched[i] {
			c.add(Difference{Kind: Verdict, Name: name(v), Stored: v.Outcome})
		}
	}
}

// overall compares each model's outcome over all criteria.
func (c *checker) overall(again []audit.Verdict) {
	recomputed := audit.Report{Verdicts: again}
	for _, s := range c.rep.Subjects {
		stored, want := c.rep.Overall(s.Name), recomputed.Overall(s.Name)
		if stored != want {
			c.add(Difference{Kind: Overall, Name: s.Name, Field: "overall", Stored: stored, Recomputed: want})
		}
	}
}

// among compares what the retrained models say of each other, and which margins are the plan's own.
func (c *checker) among(null []audit.Verdict, own []string) {
	stored := c.rep.Null
	for i := range max(len(null), len(stored)) {
		switch {
		case i >= len(stored):
			c.add(Difference{Kind: Verdict, Name: null[i].Subject + ", " + null[i].Criterion, Recomputed: null[i].Outcome})
		case i >= len(null):
			c.add(Difference{Kind: Verdict, Name: stored[i].Subject + ", " + stored[i].Criterion, Stored: stored[i].Outcome})
		default:
			c.compare(Verdict, null[i].Subject+", "+null[i].Criterion, stored[i], null[i])
		}
	}
	if !slices.Equal(c.rep.Own, own) {
		c.add(Difference{Kind: Verdict, Name: "margins of the plan's own", Stored: c.rep.Own, Recomputed: own})
	}
}

// claims holds the plan's claims against the recomputed verdicts, and compares.
func (c *checker) claims(again []audit.Verdict) {
	var recomputed audit.Report
	for i, cl := range c.rep.Plan.Claims {
		want := cl.Check(again)
		recomputed.Claims = append(recomputed.Claims, want)
		if i < len(c.rep.Claims) {
			c.compare(Claim, cl.String(), c.rep.Claims[i], want)
			continue
		}
		c.add(Difference{Kind: Claim, Name: cl.String(), Field: "found", Recomputed: want.Found})
	}
	for _, r := range c.rep.Claims[min(len(c.rep.Plan.Claims), len(c.rep.Claims)):] {
		c.add(Difference{Kind: Claim, Name: r.String(), Field: "found", Stored: r.Found})
	}
	if stored, want := c.rep.ExitCode(), recomputed.ExitCode(); stored != want {
		c.add(Difference{Kind: ExitCode, Field: "exit code", Stored: stored, Recomputed: want})
	}
}
