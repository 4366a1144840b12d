package reports

import (
	"fmt"
	"image/color"
	"io"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/atomicfile"
)

// A Figure draws one picture of a report.
type Figure struct {
	Name string // of its files, without extension
	Doc  string // one line, for people
	Draw func(r *audit.Report) (*Drawing, error)
}

// Figures lists every plot.
var Figures = []Figure{
	{"errors", "distributions of the error per image: images to forget against test images, with the retrained models' band", drawErrors},
	{"criteria", "every criterion's estimates with intervals, margins and the retrained models' range", drawForest},
	{"roc", "membership: true-positive against false-positive rate, logarithmic, by the error and by LiRA, with the " +
		"retrained models' lines", drawROC},
	{"power", "the backdoor test: how likely it overlooks a backdoor, by the number of triggered images", drawPower},
	{"curves", "loss and displacement along training and unlearning", drawCurves},
}

// A Drawing is a picture of a given size. Equal drawings give equal bytes.
type Drawing struct {
	width, height vg.Length
	paint         func(draw.Canvas)
}

// WriteSVG writes the drawing as SVG.
func (d *Drawing) WriteSVG(w io.Writer) error {
	c := vgsvg.New(d.width, d.height)
	d.paint(draw.New(c))
	if _, err := c.WriteTo(w); err != nil {
		return fmt.Errorf("write svg: %w", err)
	}
	return nil
}

// WritePNG writes the drawing as PNG with 144 dots an inch.
func (d *Drawing) WritePNG(w io.Writer) error {
	c := vgimg.NewWith(vgimg.UseWH(d.width, d.height), vgimg.UseDPI(144), vgimg.UseBackgroundColor(color.White))
	d.paint(draw.New(c))
	if _, err := (vgimg.PngCanvas{Canvas: c}).WriteTo(w); err != nil {
		return fmt.Errorf("write png: %w", err)
	}
	return nil
}

// SaveFigures writes every figure that has data into dir, as PNG and SVG, and
// returns the files' names.
func SaveFigures(dir string, r *audit.Report) ([]string, error) {
	var files []string
	for _, f := range Figures {
		d, err := f.Draw(r)
		if err != nil {
			return files, fmt.Errorf("figure %s: %w", f.Name, err)
		}
		if d == nil {
			continue
		}
		for _, format := range []struct {
			extension string
			write     func(io.Writer) error
		}{{".png", d.WritePNG}, {".svg", d.WriteSVG}} {
			file := filepath.Join(dir, f.Name+format.extension)
			if err := atomicfile.Write(file, format.write); err != nil {
				return files, fmt.Errorf("figure %s: %w", f.Name, err)
			}
			files = append(files, file)
		}
	}
	return files, nil
}

// Colours that stay apart for colour-blind readers (Okabe and Ito, "Color
// Universal Design", 2008).
var (
	vermilion = color.NRGBA{213, 94, 0, 255}
	blue      = color.NRGBA{0, 114, 178, 255}
	green     = color.NRGBA{0, 158, 115, 255}
	orange    = color.NRGBA{230, 159, 0, 255}
	sky       = color.NRGBA{86, 180, 233, 255}
	purple    = color.NRGBA{204, 121, 167, 255}
	ink       = color.NRGBA{40, 40, 40, 255}
	grey      = color.NRGBA{150, 150, 150, 255}
	pale      = color.NRGBA{232, 232, 232, 255}
)

func faint(c color.NRGBA, alpha uint8) color.NRGBA {
	c.A = alpha
	return c
}

const fontSize = 9

// newPlot is an empty plot in the house's type.
func newPlot() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, f := range []*font.Font{&p.Title.TextStyle.Font, &p.X.Label.TextStyle.Font, &p.Y.Label.TextStyle.Font,
		&p.X.Tick.Label.Font, &p.Y.Tick.Label.Font} {
		f.Variant, f.Size = "Sans", fontSize
	}
	p.Title.TextStyle.Font.Size = fontSize + 1
	p.Title.Padding = 3
	p.X.Tick.Label.Font.Size, p.Y.Tick.Label.Font.Size = fontSize-1, fontSize-1
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.LineStyle.Width, a.LineStyle.Color = .5, grey
		a.Tick.LineStyle.Width, a.Tick.LineStyle.Color, a.Tick.Length = .5, grey, 3
	}
	return p
}

// panels lays plots out in a grid under a title and a key.
type panels struct {
	title  string
	key    []keyEntry
	plots  []*plot.Plot
	across int
	panel  [2]vg.Length // width and height of one plot
}

type keyEntry struct {
	name  string
	swash func(draw.Canvas, vg.Rectangle) // draws the sample
}

const headRoom = 44

func (g panels) drawing() *Drawing {
	across := min(g.across, len(g.plots))
	down := (len(g.plots) + across - 1) / across
	return &Drawing{
		width: vg.Length(across)*g.panel[0] + 24, height: vg.Length(down)*g.panel[1] + headRoom + 8,
		paint: func(c draw.Canvas) { g.paint(c, across, down) },
	}
}

func (g panels) paint(c draw.Canvas, across, down int) {
	title := newPlot().Title.TextStyle
	title.Font.Size, title.Color = fontSize+3, ink
	title.XAlign, title.YAlign = draw.XLeft, draw.YTop
	c.FillText(title, vg.Point{X: c.Min.X + 8, Y: c.Max.Y - 6}, g.title)
	text := title
	text.Font.Size, text.YAlign = fontSize, draw.YCenter
	x, y := c.Min.X+8, c.Max.Y-32
	for _, k := range g.key {
		k.swash(c, vg.Rectangle{Min: vg.Point{X: x, Y: y - 4}, Max: vg.Point{X: x + 18, Y: y + 4}})
		c.FillText(text, vg.Point{X: x + 22, Y: y}, k.name)
		x += 22 + text.Width(k.name) + 12
	}
	grid := make([][]*plot.Plot, down)
	for i := range grid {
		grid[i] = make([]*plot.Plot, across)
		for j := range grid[i] {
			if at := i*across + j; at < len(g.plots) {
				grid[i][j] = g.plots[at]
			}
		}
	}
	body := draw.Crop(c, 8, -16, 4, -headRoom)
	tiles := draw.Tiles{Rows: down, Cols: across, PadX: 10, PadY: 8}
	for i, row := range plot.Align(grid, tiles, body) {
		for j, cell := range row {
			if grid[i][j] != nil {
				grid[i][j].Draw(cell)
			}
		}
	}
}

func fillKey(name string, c color.Color) keyEntry {
	return keyEntry{name, func(dc draw.Canvas, r vg.Rectangle) { dc.FillPolygon(c, corners(r)) }}
}

func lineKey(name string, s draw.LineStyle) keyEntry {
	return keyEntry{name, func(dc draw.Canvas, r vg.Rectangle) {
		mid := (r.Min.Y + r.Max.Y) / 2
		dc.StrokeLine2(s, r.Min.X, mid, r.Max.X, mid)
	}}
}

func corners(r vg.Rectangle) []vg.Point {
	return []vg.Point{r.Min, {X: r.Max.X, Y: r.Min.Y}, r.Max, {X: r.Min.X, Y: r.Max.Y}}
}

// cut shortens a name for a panel's title.
func cut(s string, most int) string {
	if runes(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}
