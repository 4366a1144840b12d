package reports

import (
	"math"
	"strconv"
	"strings"
)

const (
	minus = "−" // as wide as a digit in most fonts, unlike a hyphen
	dash  = "—" // for a number that there is none of
)

// number writes v for people with three significant digits: 0.0694, 12.3, 1230.
// Below 0.001 and from 100000 on it switches to a power of ten.
func number(v float64) string {
	switch {
	case math.IsNaN(v):
		return "n/a"
	case math.IsInf(v, 1):
		return "∞"
	case v == 0:
		return "0"
	case v < 0:
		return minus + number(-v)
	}
	s := strconv.FormatFloat(v, 'e', 2, 64)
	exp, err := strconv.Atoi(s[strings.IndexByte(s, 'e')+1:])
	if err != nil || exp < -3 || exp > 4 {
		m, e, _ := strings.Cut(s, "e")
		return m + "e" + strings.Replace(strings.TrimLeft(strings.Replace(e, "-", minus, 1), "+0"), minus+"0", minus, 1)
	}
	return strconv.FormatFloat(v, 'f', max(0, 2-exp), 64)
}

// signed is number with an explicit plus.
func signed(v float64) string {
	if v > 0 {
		return "+" + number(v)
	}
	return number(v)
}

// together writes numbers that belong together with one number of decimals: the
// largest of them gets three significant digits.
func together(vs ...float64) []string {
	top := 0.0
	for _, v := range vs {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			top = max(top, math.Abs(v))
		}
	}
	out := make([]string, len(vs))
	decimals := 0
	if at := strings.IndexByte(number(top), '.'); at >= 0 {
		decimals = len(number(top)) - at - 1
	}
	small := top != 0 && (top < 1e-3 || top >= 1e5)
	for i, v := range vs {
		switch text := strconv.FormatFloat(math.Abs(v), 'f', decimals, 64); {
		case small || math.IsNaN(v) || math.IsInf(v, 0):
			out[i] = signed(v)
		case strings.Trim(text, "0.") == "":
			out[i] = text
		case v < 0:
			out[i] = minus + text
		default:
			out[i] = "+" + text
		}
	}
	return out
}

// alignPoints pads numbers on the right so that, set flush right, their decimal
// points stand in one column. Texts that are not numbers stay as they are.
func alignPoints(texts []string) []string {
	after := make([]int, len(texts))
	most := 0
	for i, t := range texts {
		after[i] = -1
		if !isNumber(t) {
			continue
		}
		after[i] = runes(strings.TrimLeft(t, minus+"0123456789"))
		most = max(most, after[i])
	}
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = t
		if after[i] >= 0 {
			out[i] += strings.Repeat(" ", most-after[i])
		}
	}
	return out
}

func isNumber(t string) bool {
	t = strings.TrimPrefix(t, minus)
	return t != "" && t[0] >= '0' && t[0] <= '9'
}
