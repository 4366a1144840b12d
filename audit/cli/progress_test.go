package cli

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/engine"
)

// Elsewhere than on a terminal: a line when a model is begun, one when it is done.
func TestPlainProgress(t *testing.T) {
	plan := audit.Plan{Oracles: 2, Methods: make([]audit.Item, 1)}
	events := []engine.Event{
		{Cell: "original", State: engine.Cached},
		{Cell: "oracle-1", State: engine.Planned},
		{Cell: "oracle-1", State: engine.Running, Phase: "train", Done: 1, Total: 2},
		{Cell: "oracle-1", State: engine.Finished},
		{Cell: "ours", State: engine.Planned},
		{Cell: "ours", State: engine.Failed, Err: errors.New("diverged")},
	}
	var b, none bytes.Buffer
	p, q := newProgress(&b, false, plan), newProgress(&none, true, plan)
	for _, e := range events {
		p.event(e)
		q.event(e)
	}
	p.close()
	q.close()
	want := `^ +\d+s  oracle-1: started
 +\d+s  oracle-1: done in [0-9a-zµ.]+ \(2 of 4\)
 +\d+s  ours: started
 +\d+s  ours: ERROR: diverged \(3 of 4\)
$`
	assert.Regexp(t, regexp.MustCompile(want), b.String())
	assert.Empty(t, none.String())
}

// Events come from several goroutines; every line stays whole.
func TestProgressFromSeveralGoroutines(t *testing.T) {
	var b bytes.Buffer
	p := newProgress(&b, false, audit.Plan{Oracles: 9})
	var wg sync.WaitGroup
	for _, c := range strings.Split("abcdefghij", "") {
		wg.Go(func() {
			p.event(engine.Event{Cell: c, State: engine.Planned})
			for i := range 50 {
				p.event(engine.Event{Cell: c, State: engine.Running, Phase: "train", Done: i, Total: 50})
			}
			p.event(engine.Event{Cell: c, State: engine.Finished})
		})
	}
	wg.Wait()
	p.close()
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	require.Len(t, lines, 20)
	assert.Contains(t, b.String(), "(10 of 10)")
}

func TestClip(t *testing.T) {
	assert.Equal(t, "short", clip("short", 5))
	assert.Equal(t, "lon…", clip("longer", 4))
	assert.Equal(t, "äö…", clip("äöüß", 3))
}

func TestScanMemory(t *testing.T) {
	free, total := scanMemory(strings.NewReader("MemTotal:       8388608 kB\nMemFree: 1 kB\n" +
		"MemAvailable:   2097152 kB\nHugePages_Total:       0\n"))
	assert.Equal(t, 8.0, total)
	assert.Equal(t, 2.0, free)
	free, total = scanMemory(strings.NewReader("nothing here"))
	assert.Zero(t, free+total)
}

// What a wrong run is to its caller.
func TestBrokeSortsErrors(t *testing.T) {
	var e exit
	require.ErrorAs(t, broke(engine.ErrBadPlan), &e)
	assert.Equal(t, exitUsage, e.code)
	require.ErrorAs(t, broke(engine.ErrInterrupted), &e)
	assert.Equal(t, exitBroke, e.code)
	assert.NoError(t, outcome(&audit.Report{}))
	require.ErrorAs(t, outcome(&audit.Report{Claims: []audit.ClaimResult{{Open: true}}}), &e)
	assert.Equal(t, exitUndecided, e.code)
	assert.Empty(t, e.Error(), "the report says it all")
}
