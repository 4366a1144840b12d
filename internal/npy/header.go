package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxDims is the limit of NumPy 2 (32 before).
const maxDims = 64

// parse reads a header, a Python dictionary such as
//
//	{'descr': '<f4', 'fortran_order': False, 'shape': (100, 2048), }
//
// It knows what NumPy writes and nothing more of Python.
func parse(text string) (parsed, error) {
	var h parsed
	p := scanner{strings.TrimSpace(text)}
	if !p.eat("{") {
		return h, errors.New("the .npy header is no dictionary")
	}
	seen := map[string]bool{}
	for !p.eat("}") {
		key, err := p.quoted()
		if err != nil {
			return h, err
		}
		if seen[key] || !p.eat(":") {
			return h, fmt.Errorf("the .npy header is damaged at %q", key)
		}
		seen[key] = true
		switch key {
		case "descr":
			err = h.describe(&p)
		case "fortran_order":
			h.fortran = p.eat("True")
			if !h.fortran && !p.eat("False") {
				err = errors.New("the .npy header's fortran_order is neither True nor False")
			}
		case "shape":
			h.shape, err = p.tuple()
		default:
			err = fmt.Errorf("the .npy header has the unknown key %q", key)
		}
		if err != nil {
			return h, err
		}
		if !p.eat(",") && !strings.HasPrefix(p.rest, "}") {
			return h, errors.New("the .npy header is damaged")
		}
	}
	if len(seen) != 3 || p.rest != "" {
		return h, errors.New("the .npy header is damaged: want descr, fortran_order and shape")
	}
	return h, nil
}

// describe reads the element's type.
func (h *parsed) describe(p *scanner) error {
	code, err := p.quoted()
	if err != nil {
		return fmt.Errorf("an array of records: want plain numbers (%w)", err)
	}
	if code == "" {
		return errors.New("the .npy header names no type")
	}
	h.order = binary.LittleEndian
	if code[0] == '>' {
		h.order = binary.BigEndian
	}
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.code == strings.TrimLeft(code, "<>|=") })
	if i < 0 {
		return fmt.Errorf("an array of type %q: want floating-point numbers, integers or booleans", code)
	}
	h.kind = kinds[i]
	return nil
}

type scanner struct{ rest string }

func (s *scanner) eat(token string) bool {
	rest, ok := strings.CutPrefix(s.rest, token)
	if ok {
		s.rest = strings.TrimLeft(rest, " \n")
	}
	return ok
}

func (s *scanner) quoted() (string, error) {
	if s.rest == "" || s.rest[0] != '\'' && s.rest[0] != '"' {
		return "", errors.New("the .npy header is damaged: want a quoted name")
	}
	text, rest, ok := strings.Cut(s.rest[1:], s.rest[:1])
	if !ok {
		return "", errors.New("the .npy header is damaged: a quote is not closed")
	}
	s.rest = strings.TrimLeft(rest, " \n")
	return text, nil
}

func (s *scanner) tuple() ([]int, error) {
	bad := errors.New("the .npy header's shape is no tuple of sizes")
	if !s.eat("(") {
		return nil, bad
	}
	out := []int{}
	for !s.eat(")") {
		end := strings.IndexAny(s.rest, ",) ")
		if end < 1 || len(out) == maxDims {
			return nil, bad
		}
		n, err := strconv.ParseUint(strings.TrimSuffix(s.rest[:end], "L"), 10, 48) // Python 2 wrote 3L
		if err != nil {
			return nil, bad
		}
		out = append(out, int(n))
		s.rest = strings.TrimLeft(s.rest[end:], " ")
		if !s.eat(",") && !strings.HasPrefix(s.rest, ")") {
			return nil, bad
		}
	}
	return out, nil
}
