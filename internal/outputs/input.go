package outputs

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/features"
)

// An Input is one model beside what it is compared with: what metrics and attacks
// are given.
type Input struct {
	Stage    *Stage
	Subject  Model
	Original Model
	Oracles  []Model // without the subject, where it is one
	Truth    map[audit.Part]features.Vectors
	Features features.Identity
	Seed     uint64 // of resampling; the same for every model
}

// Painted finds what a model painted for a part, beside what is true.
func (in *Input) Painted(m Model, p audit.Part) (*Set, corpus.Batch, error) {
	b, ok := in.Stage.Batch[p]
	if !ok || m[p] == nil {
		return nil, b, fmt.Errorf("nothing was painted for part %s", p)
	}
	if len(m[p].Images) != len(b.Target) {
		return nil, b, fmt.Errorf("part %s: %d values were painted, %d are true", p, len(m[p].Images), len(b.Target))
	}
	return m[p], b, nil
}
