package pixels

import (
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"

	"github.com/lethe-audit/lethe/internal/atomicfile"
)

// Grid is a labelled table of pictures: one column a model, one row an image.
// Its tiles are planes of values in [−1, 1] (see [ToFloat]), all of one size.
type Grid struct {
	Title    string   // above everything; may be empty
	Columns  []string // headings, wrapped to a tile's width
	Rows     []Row
	Channels int // planes a tile has: 3 (or 0) for colour, 1 for grey
	W, H     int // pixels of a tile
	Scale    int // each pixel becomes Scale×Scale; 0 makes the tiles at least 96 wide
}

// Row is one line of a [Grid].
type Row struct {
	Group string      // heading above the row, where it differs from the row before
	Label string      // left of the row
	Tiles [][]float32 // one a column; nil or missing leaves the place empty
	Notes []string    // a line under each tile, such as its error; may be nil
}

const leastTile = 96

// WritePNG draws the grid to a file, whole or not at all. Equal grids give equal
// bytes.
func (g Grid) WritePNG(path string) error {
	return atomicfile.Write(path, g.EncodePNG)
}

// EncodePNG is WritePNG to a stream.
func (g Grid) EncodePNG(w io.Writer) error {
	m, err := g.Draw()
	if err != nil {
		return err
	}
	e := png.Encoder{CompressionLevel: png.BestCompression}
	return e.Encode(w, m)
}

// Draw lays the grid out on white. No columns, no rows or a tile of another size
// than the grid's is an error.
func (g Grid) Draw() (*image.RGBA, error) {
	if err := g.check(); err != nil {
		return nil, fmt.Errorf("picture grid: %w", err)
	}
	if g.Scale == 0 {
		g.Scale = max(1, (leastTile+g.W-1)/g.W)
	}
	l := layOut(g)
	c := newCanvas(l.width, l.height)
	c.text(l.title, margin, margin, bold, ink, left)
	for i, lines := range l.headings {
		c.textBottom(lines, l.x(i)+l.tileW/2, l.headEnd, bold, ink, centre)
	}
	for r, row := range g.Rows {
		p := l.rows[r]
		if p.group != nil {
			c.text(p.group, margin, p.groupTop, bold, ink, left)
			c.rule(margin, l.width-margin, p.groupTop+lineHeight*len(p.group)+1)
		}
		c.textMiddle(p.label, margin+l.labelW, p.top+l.tileH/2, regular, ink, right)
		for i := range g.Columns {
			if i >= len(row.Tiles) || row.Tiles[i] == nil {
				c.hollow(l.x(i), p.top, l.tileW, l.tileH)
				continue
			}
			m, err := FromFloat(row.Tiles[i], g.W, g.H)
			if err != nil {
				return nil, fmt.Errorf("picture grid: %w", err)
			}
			c.tile(m, l.x(i), p.top, g.Scale)
			if i < len(row.Notes) {
				c.text(cutToLine(row.Notes[i], l.tileW/charWidth), l.x(i)+l.tileW/2, p.top+l.tileH, regular, faint, centre)
			}
		}
	}
	return c.RGBA, nil
}

func (g Grid) check() error {
	if len(g.Columns) == 0 || len(g.Rows) == 0 {
		return errors.New("nothing to draw: it needs a column and a row")
	}
	channels := g.Channels
	if channels == 0 {
		channels = 3
	}
	if channels != 1 && channels != 3 {
		return fmt.Errorf("tiles of %d channels: only 1 and 3 can be drawn", g.Channels)
	}
	if g.W <= 0 || g.H <= 0 || g.Scale < 0 {
		return fmt.Errorf("tiles of %d×%d pixels at scale %d", g.W, g.H, g.Scale)
	}
	for i, r := range g.Rows {
		if len(r.Tiles) > len(g.Columns) || len(r.Notes) > len(g.Columns) {
			return fmt.Errorf("row %d (%s) has %d tiles and %d notes for %d columns", i+1, r.Label, len(r.Tiles), len(r.Notes), len(g.Columns))
		}
		for j, t := range r.Tiles {
			if t != nil && len(t) != channels*g.W*g.H {
				return fmt.Errorf("row %d (%s), column %s: %d values for %d×%d×%d", i+1, r.Label, g.Columns[j], len(t), channels, g.H, g.W)
			}
		}
	}
	return nil
}
