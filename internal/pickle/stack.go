package pickle

import (
	"bytes"
	"errors"
)

func (p *machine) push(v any) { p.stack = append(p.stack, v) }

// pop never reaches below a mark.
func (p *machine) pop() (any, error) {
	n := len(p.stack) - 1
	if n < 0 || (len(p.marks) > 0 && n < p.marks[len(p.marks)-1]) {
		return nil, errors.New("the pickle takes a value that is not there")
	}
	v := p.stack[n]
	p.stack = p.stack[:n]
	return v, nil
}

// toMark takes what lies above the last mark.
func (p *machine) toMark() ([]any, error) {
	if len(p.marks) == 0 {
		return nil, errors.New("the pickle closes a bracket that is not open")
	}
	m := p.marks[len(p.marks)-1]
	p.marks = p.marks[:len(p.marks)-1]
	items := append([]any(nil), p.stack[m:]...)
	p.stack = p.stack[:m]
	return items, nil
}

func (p *machine) take(n int) ([]byte, error) {
	if n < 0 || n > len(p.in)-p.at {
		return nil, errCut
	}
	p.at += n
	return p.in[p.at-n : p.at], nil
}

// number is an unsigned little-endian number.
func (p *machine) number(width int) (int, error) {
	b, err := p.take(width)
	if err != nil {
		return 0, err
	}
	n := 0
	for i, x := range b {
		n |= int(x) << (8 * i)
	}
	return n, nil
}

func (p *machine) line() (string, error) {
	n := bytes.IndexByte(p.in[p.at:], '\n')
	if n < 0 || n > 200 {
		return "", errCut
	}
	b, err := p.take(n + 1)
	if err != nil {
		return "", err
	}
	return string(b[:n]), nil
}
