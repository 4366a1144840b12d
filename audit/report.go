package audit

import "math"

// A Report is everything an audit found: what renderers and assertions read.
type Report struct {
	Schema     string        `json:"schema"` // "lethe.report/v1"
	Plan       Plan          `json:"plan"`
	Digest     Digest        `json:"planDigest"`
	Version    string        `json:"version"`            // of the program
	Code       Digest        `json:"code"`               // of the sources that count
	Runtime    Runtime       `json:"runtime"`            // what computed it
	Data       DataSummary   `json:"data"`               //
	Lambda     float64       `json:"lambda"`             // displacement threshold calibrated on the oracles
	Quantities []Quantity    `json:"quantities"`         // what was measured, in the order of tables
	Subjects   []Subject     `json:"subjects"`           // original, oracles, then methods and controls in plan order
	Shadows    []Subject     `json:"shadows,omitempty"`  // of the plan's number; not judged
	Verdicts   []Verdict     `json:"verdicts"`           // by subject, then criterion
	Null       []Verdict     `json:"null,omitempty"`     // on each retrained model, held against the others: known to be honest
	Expected   float64       `json:"expected,omitempty"` // probability of an honest PASS at which retrained models ceased to be added
	Look       int           `json:"look,omitempty"`     // which look at the subjects it is, on retrained models that came to be more; the first if 0
	Claims     []ClaimResult `json:"claims"`
	Own        []string      `json:"own,omitempty"` // margins of the plan's own, and the calibrated ones that they replace
	Warnings   []string      `json:"warnings,omitempty"`
}

// Runtime is the machine-dependent part of a report.
type Runtime struct {
	Libtorch string `json:"libtorch"`
	BLAS     string `json:"blas"`
	Device   string `json:"device"`
	Threads  int    `json:"threads"` // per model
	Go       string `json:"go"`
	CPU      string `json:"cpu"`
	Kernels  string `json:"kernels,omitempty"` // the libraries' choices: "ATen AVX2, oneDNN AVX512_CORE, OpenBLAS Haswell"
	Arch     string `json:"arch,omitempty"`    // Go's name of the architecture; another one rounds otherwise
}

// DataSummary counts the images used.
type DataSummary struct {
	Name     string `json:"name"`
	Manifest Digest `json:"manifest"`
	Retain   int    `json:"retain"`
	Forget   int    `json:"forget"` // clean images to forget
	Poisoned int    `json:"poisoned"`
	Test     int    `json:"test"`
	Unseen   int    `json:"unseen,omitempty"` // test images set aside for methods; nobody is judged on them
	Size     int    `json:"size"`
}

// Subject finds a subject by name.
func (r *Report) Subject(name string) (*Subject, bool) {
	for i := range r.Subjects {
		if r.Subjects[i].Name == name {
			return &r.Subjects[i], true
		}
	}
	return nil, false
}

// Oracles lists the retrained models.
func (r *Report) Oracles() []*Subject {
	var out []*Subject
	for i := range r.Subjects {
		if r.Subjects[i].Role == RoleOracle {
			out = append(out, &r.Subjects[i])
		}
	}
	return out
}

// Of lists one subject's verdicts in the plan's order of criteria.
func (r *Report) Of(subject string) []Verdict {
	var out []Verdict
	for _, v := range r.Verdicts {
		if v.Subject == subject {
			out = append(out, v)
		}
	}
	return out
}

// Overall is one subject's outcome over all criteria, with what a FAIL shows.
func (r *Report) Overall(subject string) string {
	vs := r.Of(subject)
	return InWords(Overall(vs), Faults(vs))
}

// Among says how many of the retrained models PASS when each is held against the
// others, and of how many; 0 of 0 where that takes more of them.
func (r *Report) Among() (pass, of int) {
	for _, o := range r.Oracles() {
		var mine []Verdict
		for _, v := range r.Null {
			if v.Subject == o.Name {
				mine = append(mine, v)
			}
		}
		if len(mine) == 0 {
			continue
		}
		of++
		if out := Overall(mine); out == Pass || out == PassOwn {
			pass++
		}
	}
	return pass, of
}

// ExitCode is 0 when every claim holds, 1 when one fails, 3 when one is open.
func (r *Report) ExitCode() int {
	code := 0
	for _, c := range r.Claims {
		switch {
		case c.Holds:
		case c.Open:
			if code == 0 {
				code = 3
			}
		default:
			code = 1
		}
	}
	return code
}

// Level is the error rate of the report's verdicts: the plan's α at the first look at
// the subjects, half of it at the second, a quarter at the third. All looks together
// err with a probability below 2α, however many there are and whatever made somebody
// look again (Bonferroni).
func (r *Report) Level() float64 { return math.Ldexp(r.Plan.Alpha, 1-max(1, r.Look)) }
