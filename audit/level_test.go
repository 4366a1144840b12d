package audit_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lethe-audit/lethe/audit"
)

// However many looks there are, they spend less than twice the plan's α.
func TestLevel(t *testing.T) {
	spent := 0.0
	for look := range 30 {
		r := audit.Report{Plan: audit.Plan{Alpha: 0.05}, Look: look + 1}
		spent += r.Level()
		assert.Less(t, spent, 0.1)
	}
	assert.Equal(t, 0.05, (&audit.Report{Plan: audit.Plan{Alpha: 0.05}}).Level())
	assert.Equal(t, 0.0125, (&audit.Report{Plan: audit.Plan{Alpha: 0.05}, Look: 3}).Level())
}
