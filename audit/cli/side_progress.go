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
)

// sideProgress shows how far the reading of each side is: bars on a terminal, a line now and then elsewhere.
type sideProgress struct {
	mu    sync.Mutex
	w     io.Writer
	quiet bool
	bars  *mpb.Progress
	bar   map[string]*mpb.Bar
	last  time.Time
}

// lull is the least time between two lines where there is no terminal.
const lull = 5 * time.Second

func newSideProgress(w io.Writer, quiet bool) *sideProgress {
	p := &sideProgress{w: w, quiet: quiet, bar: map[string]*mpb.Bar{}, last: time.Now()}
	if f, ok := w.(*os.File); ok && !quiet && term.IsTerminal(int(f.Fd())) {
		p.bars = mpb.New(mpb.WithOutput(f), mpb.WithWidth(40))
	}
	return p
}

func (p *sideProgress) report(what string, done, total int) {
	if p.quiet {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bars == nil {
		if now := time.Now(); now.Sub(p.last) >= lull {
			p.last = now
			fmt.Fprintf(p.w, "%s: %d of %d\n", what, done, total)
		}
		return
	}
	b := p.bar[what]
	if b == nil {
		b = p.bars.AddBar(int64(total), mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(decor.Name(what, decor.WC{W: 14, C: decor.DindentRight})),
			mpb.AppendDecorators(decor.CountersNoUnit("%d/%d  "), decor.AverageETA(decor.ET_STYLE_MMSS)))
		p.bar[what] = b
	}
	b.SetCurrent(int64(done))
}

func (p *sideProgress) close() {
	if p.bars == nil {
		return
	}
	for _, b := range p.bar {
		b.Abort(true)
	}
	p.bars.Wait()
}
