package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/outputs"
	"github.com/lethe-audit/lethe/reports"
)

// gridImages is how many images of each part a picture grid has.
const gridImages = 3

// displayed picks which of a part's n images a grid shows. They lie at even distances: in a set that is sorted by class,
// the first few would all be of one class.
func displayed(n int) []int {
	return corpus.Spread(corpus.Places(n), gridImages)
}

// pictures draws the grid and the figures into the run folder, unless they are
// there.
func (r *run) pictures(ctx context.Context, rep *audit.Report) error {
	var what []any
	for _, c := range r.cells {
		what = append(what, c.name, c.measured, c.attacked)
	}
	key, err := audit.DigestJSON([]any{what, rep.Verdicts, r.Plan.Name, drawing})
	if err != nil {
		return err
	}
	dir, err := r.store.cell("pictures", key)
	if err != nil {
		return err
	}
	if _, ok, err := load[bool](dir, key); err != nil || ok {
		return err
	}
	out := filepath.Join(r.Dir, "pictures")
	if err := os.MkdirAll(out, 0o755); err != nil {
		return fmt.Errorf("run folder: %w", err)
	}
	if err := r.staged(ctx); err != nil {
		return err
	}
	var pics []reports.Picture
	for _, p := range outputs.Parts {
		b, ok := r.stage.Batch[p]
		if !ok {
			continue
		}
		px := 3 * r.stage.Size * r.stage.Size
		for _, i := range displayed(b.View.N) {
			pic := reports.Picture{Part: p, Index: r.stage.Index[p][i], Input: b.View.Pixels[i*px : (i+1)*px],
				Truth: b.Target[i*px : (i+1)*px], Outputs: map[string][]float32{}}
			for _, c := range r.cells {
				if c.made.Error != "" {
					continue
				}
				m, err := r.paintings(ctx, c)
				if err != nil {
					return err
				}
				pic.Outputs[c.name] = m[p].Images[i*px : (i+1)*px]
			}
			pics = append(pics, pic)
		}
	}
	g, err := reports.PictureGrid(rep, pics, 3, r.stage.Size, r.stage.Size)
	if err != nil {
		return err
	}
	if err := g.WritePNG(filepath.Join(out, "images.png")); err != nil {
		return err
	}
	if _, err := reports.SaveFigures(out, rep); err != nil {
		return err
	}
	return finish(dir, key, true)
}

// drawing is part of the pictures' key. Raise it when the pictures of the same data change.
const drawing = 3
