package reports

import (
	"fmt"
	"strings"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
)

// A Document is a report in the order in which people read it. The formats for
// people differ only in how they lay it out.
type Document struct {
	Title      string
	Lead       []string // what was audited and what came out, in sentences
	Main       Table    // the short comparison
	Verdicts   Table    // subjects × criteria
	Attacks    Table    // statistics with intervals, each retrained model by itself
	Answers    []Entry  // subject → an attack's test and its answer
	Further    Table    // the columns that Main leaves out
	Legend     []Entry  // one for each heading, with unit and direction
	Reasons    []Reason // for every FAIL, INCONCLUSIVE and NOT RUN, by subject
	Numbers    string   // how to read the numbers of Reasons and Passes
	Passes     []Reason // what each PASS says, and no more
	Claims     []Entry  // answer → claim, and what was found where it differs
	Limits     []string // what is not concluded
	Notes      []Entry  // subject → assumption, finding or warning
	Errors     []Entry  // subject → why it has no numbers
	Warnings   []string
	Provenance []Entry
}

// An Entry is a term and its text.
type Entry struct{ Term, Text string }

// NewDocument arranges a report for people.
func NewDocument(r *audit.Report) Document {
	all := NewTable(r)
	d := Document{
		Title:      "Unlearning audit: " + r.Plan.Name,
		Lead:       lead(r),
		Main:       all.Pick(func(c Column) bool { return c.Main }),
		Further:    all.Pick(func(c Column) bool { return !c.Main }),
		Attacks:    NewStatistics(r),
		Answers:    answerLines(r),
		Verdicts:   NewVerdicts(r),
		Legend:     legendOf(all),
		Reasons:    reasonsOf(r, audit.Fail, audit.Inconclusive, audit.NotRun),
		Passes:     reasonsOf(r, audit.Pass, audit.PassOwn),
		Numbers:    numbersExplained(r),
		Claims:     claimLines(r),
		Limits:     limits(r),
		Provenance: provenance(r),
		Warnings:   r.Warnings,
	}
	d.Further.Title = "Further measurements"
	for _, s := range r.Subjects {
		if s.Error != "" {
			d.Errors = append(d.Errors, Entry{s.Name, s.Error})
		}
		for _, n := range s.Notes {
			d.Notes = append(d.Notes, Entry{s.Name, n})
		}
		for _, x := range s.Skipped {
			d.Notes = append(d.Notes, Entry{s.Name, "warning: " + x.String()})
		}
		for _, w := range s.Warnings {
			d.Notes = append(d.Notes, Entry{s.Name, "warning: " + w})
		}
		for _, x := range s.Samples {
			for _, w := range x.Warnings {
				d.Notes = append(d.Notes, Entry{s.Name, fmt.Sprintf("warning on %s: %s", x.Key(), w)})
			}
		}
	}
	return d
}

func lead(r *audit.Report) []string {
	d := r.Data
	forget := fmt.Sprintf("%d to forget", d.Forget+d.Poisoned)
	if d.Poisoned > 0 {
		forget += fmt.Sprintf(" (%d of them poisoned)", d.Poisoned)
	}
	count := map[audit.Role]int{}
	for _, s := range r.Subjects {
		count[s.Role]++
	}
	out := []string{
		fmt.Sprintf("Data: %s, %d×%d pixels: %d images to retain, %s, %d never trained on. Task: %s. Model: %s.",
			d.Name, d.Size, d.Size, d.Retain, forget, d.Test, r.Plan.Task.Name(), r.Plan.Model.Name()),
		fmt.Sprintf("Audited: %s and %s, against %s that never saw the images to forget.",
			plural(count[audit.RoleMethod], "method"), plural(count[audit.RoleControl], "control"),
			plural(count[audit.RoleOracle], "retrained model")),
	}
	if len(r.Own) > 0 {
		out = append(out, "Margins and attacks of this plan's own, for which no measured error rate vouches (a PASS by wider margins or other "+
			"attacks is called PASS BY THE PLAN'S OWN MARGINS): "+strings.Join(r.Own, "; ")+".")
	}
	if s := overallSentence(r); s != "" {
		out = append(out, s)
	}
	if pass, of := r.Among(); of > 0 {
		out = append(out, fmt.Sprintf("Of the retrained models, each held against the others, %d of %d PASS.", pass, of))
	}
	if s := judgedSentence(r, count[audit.RoleMethod]+count[audit.RoleControl]); s != "" {
		out = append(out, s)
	}
	return append(out, claimsSentence(r))
}

// overallSentence says how every model ended.
func overallSentence(r *audit.Report) string {
	var out []string
	for _, s := range r.Subjects {
		if s.Role != audit.RoleOracle && len(r.Of(s.Name)) > 0 {
			out = append(out, s.Name+" "+r.Overall(s.Name))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return "Overall: " + strings.Join(out, "; ") + "."
}

func claimsSentence(r *audit.Report) string {
	if len(r.Claims) == 0 {
		return "The plan makes no claims; the verdicts below are findings."
	}
	var holds, open int
	for _, c := range r.Claims {
		switch {
		case c.Holds:
			holds++
		case c.Open:
			open++
		}
	}
	return fmt.Sprintf("Claims of the plan: %d hold, %d fail, %d undecided.", holds, len(r.Claims)-holds-open, open)
}

// legendOf explains each heading once and says per group which way is better.
func legendOf(t Table) []Entry {
	var out []Entry
	groupsOf := map[string][]string{}
	for _, c := range t.Columns {
		k := strings.TrimSpace(c.Head + " " + c.Sub)
		if _, ok := groupsOf[k+c.Legend]; !ok {
			out = append(out, Entry{k, c.Legend})
		}
		groupsOf[k+c.Legend] = append(groupsOf[k+c.Legend], strings.TrimSpace(c.Group+" "+arrow(c.Direction)))
	}
	for i, e := range out {
		out[i].Text += "; " + strings.Join(groupsOf[e.Term+e.Text], ", ")
	}
	return out
}

func provenance(r *audit.Report) []Entry {
	rt := r.Runtime
	training := ""
	if p := r.Plan.Train.Precision; p != audit.Float32 {
		training = fmt.Sprintf("; %s training, the rest in float32", p)
	}
	unseen := ""
	if n := r.Data.Unseen; n > 0 { // set aside for methods
		unseen = fmt.Sprintf(", unseen %d", n)
	}
	kernels := ""
	if rt.Kernels != "" {
		kernels = " (" + rt.Kernels + ")"
	}
	out := []Entry{
		{"plan", fmt.Sprintf("%s, sha256 %s, seed %d", r.Plan.Name, r.Digest.Short(), r.Plan.Seed)},
		{"program", fmt.Sprintf("lethe %s, code sha256 %s, %s", r.Version, r.Code.Short(), rt.Go)},
		{"computed by", fmt.Sprintf("libtorch %s, BLAS %s, %s, %s a model, %s%s%s", rt.Libtorch, rt.BLAS, rt.Device,
			plural(rt.Threads, "thread"), rt.CPU, kernels, training)},
		{"data", fmt.Sprintf("%s, manifest sha256 %s: retain %d, forget %d, poisoned %d, test %d%s",
			r.Data.Name, r.Data.Manifest.Short(), r.Data.Retain, r.Data.Forget, r.Data.Poisoned, r.Data.Test, unseen)},
		{criteria.Displacement.Name, fmt.Sprintf("threshold λ = %s, calibrated on the retrained models", number(r.Lambda))},
	}
	if s := r.Plan.Secret; s != nil {
		out = append(out, Entry{"secret", "(ε, δ) noise is drawn from the secret with the commitment " + string(s.Commitment)})
	}
	if text := yardstick(r); text != "" {
		out = append(out, Entry{"yardstick", text})
	}
	return append(out, Entry{"format", r.Schema})
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
