package pickle

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// What a pickle can hold here, besides nil, bool, int64, float64 and string. Keys of dictionaries that are no strings
// are dropped with their values.
type (
	pyTuple []any
	pyList  struct{ items []any }
	pyDict  map[string]any
	pyClass string // module and name; a name only, nothing is imported
)

// A machine is Python's stack machine (module pickletools describes its opcodes) with the opcodes that torch.save
// writes, of protocol 2. Every opcode takes a bounded time and room.
type machine struct {
	in    []byte
	at    int
	stack []any
	marks []int
	memo  map[int]any
	kinds map[string]numbers // what the storages that it names hold
	moved int                // items that were copied from one container to another

	modules bool // TorchScript's: objects of its classes may be made, and no key is dropped
}

var errCut = errors.New("the pickle is cut short")

// run works until STOP and gives the one value that is left.
func (p *machine) run() (any, error) {
	p.memo = map[int]any{}
	for {
		op, err := p.take(1)
		if err != nil {
			return nil, err
		}
		if op[0] == '.' {
			v, err := p.pop()
			if err == nil && (len(p.stack) != 0 || len(p.marks) != 0) {
				err = errors.New("the pickle leaves values behind")
			}
			return v, err
		}
		if err := p.step(op[0]); err != nil {
			return nil, err
		}
	}
}

// step runs one opcode: constants here, the rest in build.
func (p *machine) step(op byte) error {
	switch op {
	case '\x80': // PROTO
		b, err := p.take(1)
		if err == nil && b[0] != 2 {
			err = fmt.Errorf("pickle protocol %d: save with torch.save's default, 2", b[0])
		}
		return err
	case 'N':
		p.push(nil)
	case '\x88', '\x89':
		p.push(op == '\x88')
	case 'K', 'M', 'J', '\x8a': // BININT1, BININT2, BININT, LONG1
		return p.integer(op)
	case 'G':
		b, err := p.take(8)
		if err != nil {
			return err
		}
		p.push(math.Float64frombits(binary.BigEndian.Uint64(b)))
	case 'X', 'T', 'U': // BINUNICODE, BINSTRING, SHORT_BINSTRING
		width := 4
		if op == 'U' {
			width = 1
		}
		n, err := p.number(width)
		if err != nil {
			return err
		}
		b, err := p.take(n)
		if err != nil {
			return err
		}
		p.push(string(b))
	case 'c':
		module, err := p.line()
		if err != nil {
			return err
		}
		name, err := p.line()
		if err != nil {
			return err
		}
		p.push(pyClass(module + "." + name))
	case 'q', 'r', 'h', 'j': // BINPUT, LONG_BINPUT, BINGET, LONG_BINGET
		return p.remember(op)
	case '(':
		p.marks = append(p.marks, len(p.stack))
	case '0': // POP
		_, err := p.pop()
		return err
	default:
		return p.build(op)
	}
	return nil
}

func (p *machine) integer(op byte) error {
	width := map[byte]int{'K': 1, 'M': 2, 'J': 4}[op]
	if op == '\x8a' {
		n, err := p.number(1)
		if err != nil {
			return err
		}
		if n > 8 {
			return fmt.Errorf("an integer of %d bytes", n)
		}
		width = n
	}
	b, err := p.take(width)
	if err != nil {
		return err
	}
	var v int64
	for i, x := range b {
		v |= int64(x) << (8 * i)
	}
	if signed := op == 'J' || op == '\x8a'; signed && width > 0 && width < 8 && b[width-1] >= 0x80 {
		v -= 1 << (8 * width)
	}
	p.push(v)
	return nil
}

func (p *machine) remember(op byte) error {
	width := 1
	if op == 'r' || op == 'j' {
		width = 4
	}
	n, err := p.number(width)
	if err != nil {
		return err
	}
	if op == 'q' || op == 'r' {
		if len(p.stack) == 0 {
			return errCut
		}
		p.memo[n] = p.stack[len(p.stack)-1]
		return nil
	}
	v, ok := p.memo[n]
	if !ok {
		return fmt.Errorf("the pickle asks for value %d, which it has not stored", n)
	}
	p.push(v)
	return nil
}
