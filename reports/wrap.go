package reports

import (
	"strings"
	"unicode/utf8"
)

// wrap breaks text into lines of at most width runes: at spaces, after hyphens
// where a word is too long for a line, and anywhere if it must.
func wrap(text string, width int) []string {
	width = max(width, 1)
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case runes(line)+1+runes(word) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
		for runes(line) > width {
			r := []rune(line)
			cut := width
			if at := strings.LastIndexByte(string(r[:width]), '-'); at > 0 {
				cut = runes(string(r[:width])[:at+1])
			}
			lines, line = append(lines, string(r[:cut])), string(r[cut:])
		}
	}
	if line != "" || len(lines) == 0 {
		lines = append(lines, line)
	}
	return lines
}

// hang wraps text behind first, and behind as many spaces from its second line on.
func hang(first, text string, width int) []string {
	lines := wrap(text, width-runes(first))
	for i := range lines {
		if i == 0 {
			lines[i] = first + lines[i]
		} else {
			lines[i] = strings.Repeat(" ", runes(first)) + lines[i]
		}
	}
	return lines
}

func widest(lines []string) int {
	n := 0
	for _, s := range lines {
		n = max(n, runes(s))
	}
	return n
}

func runes(s string) int { return utf8.RuneCountInString(s) }
