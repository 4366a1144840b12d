package reports

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
)

// A PASS by wider margins is told from a PASS in every format, and is green in none.
func TestPassByOwnMargins(t *testing.T) {
	r := synthetic(64)
	for i := range r.Verdicts {
		if r.Verdicts[i].Subject == "decouple-cycles" {
			r.Verdicts[i].Outcome = audit.PassOwn
		}
	}
	var text, junit, markdown bytes.Buffer
	require.NoError(t, Text{Width: 100}.Render(&text, r))
	require.NoError(t, JUnit(&junit, r))
	require.NoError(t, Markdown(&markdown, r))
	assert.Contains(t, text.String(), "Margins and attacks of this plan's own")
	assert.Contains(t, text.String(), "PASS OWN")
	assert.Contains(t, markdown.String(), "PASS BY THE PLAN'S OWN MARGINS")
	assert.Contains(t, junit.String(), `<skipped message="PASS BY THE PLAN&#39;S OWN MARGINS: `)
}
