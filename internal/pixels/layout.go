package pixels

import "strings"

const (
	margin     = 16
	gap        = 4  // between tiles
	labelChars = 18 // a row label's longest line
	labelGap   = 10
	groupGap   = 12
)

// layout says where everything in a grid goes, in pixels.
type layout struct {
	width, height, tileW, tileH, labelW, headEnd, left int

	title    []string
	headings [][]string
	rows     []rowLayout
}

type rowLayout struct {
	group, label  []string
	groupTop, top int
}

func layOut(g Grid) layout {
	l := layout{tileW: g.W * g.Scale, tileH: g.H * g.Scale}
	tallest := 0
	for _, c := range g.Columns {
		lines := wrap(c, max(1, l.tileW/charWidth))
		l.headings = append(l.headings, lines)
		tallest = max(tallest, len(lines))
	}
	for _, r := range g.Rows {
		p := rowLayout{label: wrap(r.Label, labelChars)}
		for _, line := range p.label {
			l.labelW = max(l.labelW, charWidth*runes(line))
		}
		l.rows = append(l.rows, p)
	}
	l.left = margin
	if l.labelW > 0 {
		l.left += l.labelW + labelGap
	}
	l.width = l.x(len(g.Columns)) - gap + margin
	across := (l.width - 2*margin) / charWidth
	y := margin
	if g.Title != "" {
		l.title = wrap(g.Title, across)
		y += lineHeight*len(l.title) + groupGap
	}
	y += lineHeight * tallest
	l.headEnd = y
	if tallest > 0 {
		y += gap
	}
	group := ""
	for i, r := range g.Rows {
		p := &l.rows[i]
		if r.Group != group {
			group = r.Group
			p.group = wrap(group, across)
			if i > 0 {
				y += groupGap
			}
			p.groupTop = y
			y += lineHeight*len(p.group) + groupGap/2
		}
		p.top = y
		y += max(l.tileH, lineHeight*len(p.label)) + gap
		if len(r.Notes) > 0 {
			y += lineHeight
		}
	}
	l.height = y - gap + margin
	return l
}

// x is the left edge of a column.
func (l layout) x(column int) int { return l.left + column*(l.tileW+gap) }

// wrap breaks s into lines of at most n characters, after spaces, hyphens,
// underscores and slashes where it can, else anywhere. No text is no line.
func wrap(s string, n int) []string {
	var lines []string
	line := ""
	flush := func() {
		if t := strings.TrimSpace(line); t != "" {
			lines = append(lines, t)
		}
		line = ""
	}
	for _, word := range words(s) {
		if runes(line)+runes(strings.TrimRight(word, " ")) > n {
			flush()
		}
		for runes(word) > n && runes(strings.TrimRight(word, " ")) > n {
			r := []rune(word)
			line, word = string(r[:n]), string(r[n:])
			flush()
		}
		line += word
	}
	flush()
	return lines
}

// words splits after every space, hyphen, underscore and slash, losing nothing.
func words(s string) []string {
	var out []string
	for s != "" {
		i := strings.IndexAny(s, " -_/")
		if i < 0 {
			return append(out, s)
		}
		out, s = append(out, s[:i+1]), s[i+1:]
	}
	return out
}

// cutToLine cuts s to one line of n characters, marking the loss.
func cutToLine(s string, n int) []string {
	r := []rune(s)
	if len(r) <= n {
		return []string{s}
	}
	return []string{string(r[:max(0, n-2)]) + ".."}
}

func runes(s string) int { return len([]rune(s)) }
