package cli

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/engine"
)

// progress shows bars on a terminal and a line per finished model elsewhere.
type progress struct {
	mu    sync.Mutex
	w     io.Writer
	quiet bool
	bars  *mpb.Progress
	all   *mpb.Bar
	cells map[string]*shownCell
	total int
	done  int
	begun time.Time
}

type shownCell struct {
	bar   *mpb.Bar
	phase string
	begun time.Time
}

func newProgress(w io.Writer, quiet bool, plan audit.Plan) *progress {
	p := &progress{w: w, quiet: quiet, cells: map[string]*shownCell{}, begun: time.Now(), total: 1 + plan.Oracles + len(plan.Methods)}
	if f, ok := w.(*os.File); ok && !quiet && term.IsTerminal(int(f.Fd())) {
		p.bars = mpb.New(mpb.WithOutput(f), mpb.WithWidth(40))
		p.all = p.bars.AddBar(int64(p.total), mpb.PrependDecorators(decor.Name("models", decor.WC{W: 26, C: decor.DindentRight})),
			mpb.AppendDecorators(decor.CountersNoUnit("%d/%d  "), decor.Elapsed(decor.ET_STYLE_MMSS)), mpb.BarPriority(1000))
	}
	return p
}

// event takes the engine's news.
func (p *progress) event(e engine.Event) {
	if p.quiet {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if e.Models > p.total { // shadows come on top of what the plan lists
		if p.total = e.Models; p.all != nil {
			p.all.SetTotal(int64(e.Models), false)
		}
	}
	switch e.State {
	case engine.Planned:
		p.cells[e.Cell] = &shownCell{begun: time.Now()}
		if p.bars == nil {
			p.line("%s: started", e.Cell)
		}
	case engine.Running:
		p.advance(e)
	case engine.Cached, engine.Finished, engine.Failed:
		p.finish(e)
	}
}

func (p *progress) advance(e engine.Event) {
	c := p.cells[e.Cell]
	if p.bars == nil || c == nil {
		return
	}
	if c.bar == nil || c.phase != e.Phase {
		if c.bar != nil {
			c.bar.Abort(true)
		}
		c.phase = e.Phase
		c.bar = p.bars.AddBar(int64(e.Total), mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(decor.Name(clip(e.Cell+": "+e.Phase, 36), decor.WC{W: 37, C: decor.DindentRight})),
			mpb.AppendDecorators(decor.CountersNoUnit("%d/%d  "), decor.AverageETA(decor.ET_STYLE_MMSS)))
	}
	c.bar.SetCurrent(int64(e.Done))
}

func (p *progress) finish(e engine.Event) {
	p.done++
	if c := p.cells[e.Cell]; c != nil && c.bar != nil {
		c.bar.Abort(true)
	}
	if p.all != nil {
		p.all.Increment()
	}
	text := "done"
	switch {
	case e.State == engine.Cached:
		text = "finished before"
	case e.State == engine.Failed:
		text = "ERROR: " + e.Err.Error()
	case p.cells[e.Cell] != nil:
		text = "done in " + time.Since(p.cells[e.Cell].begun).Round(100*time.Millisecond).String()
	}
	if p.bars == nil && e.State != engine.Cached || e.State == engine.Failed {
		p.line("%s: %s (%d of %d)", e.Cell, text, p.done, p.total)
	}
}

func (p *progress) line(format string, args ...any) {
	var w io.Writer = p.w
	if p.bars != nil {
		w = p.bars
	}
	fmt.Fprintf(w, "%5.0fs  %s\n", time.Since(p.begun).Seconds(), fmt.Sprintf(format, args...))
}

// close ends the bars.
func (p *progress) close() {
	if p.bars == nil {
		return
	}
	p.mu.Lock()
	for _, c := range p.cells {
		if c.bar != nil {
			c.bar.Abort(true)
		}
	}
	p.all.Abort(true)
	p.mu.Unlock()
	p.bars.Wait()
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
