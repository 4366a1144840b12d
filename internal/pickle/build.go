package pickle

import (
	"errors"
	"fmt"
)

// build runs the opcodes that make values of other values.
func (p *machine) build(op byte) error {
	switch op {
	case '}':
		p.push(pyDict{})
	case ']':
		p.push(&pyList{})
	case ')':
		p.push(pyTuple{})
	case 't': // TUPLE
		items, err := p.toMark()
		if err != nil {
			return err
		}
		p.push(pyTuple(items))
	case '\x85', '\x86', '\x87': // TUPLE1 to TUPLE3
		items := make(pyTuple, int(op)-'\x84')
		for i := len(items) - 1; i >= 0; i-- {
			v, err := p.pop()
			if err != nil {
				return err
			}
			items[i] = v
		}
		p.push(items)
	case 'a', 'e', 's', 'u': // APPEND, APPENDS, SETITEM, SETITEMS
		return p.fill(op)
	case '\x81', 'b': // NEWOBJ; BUILD sets attributes, such as a state_dict's _metadata: none is needed
		if p.modules {
			return p.object(op)
		}
		if op != 'b' {
			return fmt.Errorf("pickle opcode %#02x, which torch.save does not write", op)
		}
		if _, err := p.pop(); err != nil {
			return err
		}
		if v, err := p.pop(); err != nil {
			return err
		} else if d, ok := v.(pyDict); ok {
			p.push(d)
			return nil
		}
		return errors.New("it holds Python objects, not tensors alone: save the model's state_dict()")
	case 'R', 'Q': // REDUCE, BINPERSID
		return p.call(op)
	default:
		return fmt.Errorf("pickle opcode %#02x, which torch.save does not write", op)
	}
	return nil
}

// fill appends to a list or sets items of a dictionary.
func (p *machine) fill(op byte) error {
	var items []any
	var err error
	switch op {
	case 'e', 'u':
		items, err = p.toMark()
	default:
		items = make([]any, 1)
		if op == 's' {
			items = make([]any, 2)
		}
		for i := len(items) - 1; i >= 0 && err == nil; i-- {
			items[i], err = p.pop()
		}
	}
	if err != nil {
		return err
	}
	into, err := p.pop()
	if err != nil {
		return err
	}
	p.push(into)
	if op == 'a' || op == 'e' {
		l, ok := into.(*pyList)
		if !ok {
			return errors.New("the pickle appends to what is no list")
		}
		l.items = append(l.items, items...)
		return nil
	}
	d, ok := into.(pyDict)
	if !ok || len(items)%2 != 0 {
		return errors.New("the pickle sets items of what is no dictionary")
	}
	for i := 0; i < len(items); i += 2 {
		if key, ok := items[i].(string); ok {
			d[key] = items[i+1]
		} else if p.modules {
			return errors.New("a dictionary's keys are no strings")
		}
	}
	return nil
}

// call makes what a class and its arguments, or a storage's name, stand for. Classes are names: nothing is run.
func (p *machine) call(op byte) error {
	v, err := p.pop()
	if err != nil {
		return err
	}
	args, ok := v.(pyTuple)
	if !ok {
		return errors.New("the pickle's arguments are no tuple")
	}
	var made any
	if op == 'Q' {
		made, err = p.storage(args)
	} else {
		var f any
		if f, err = p.pop(); err != nil {
			return err
		}
		class, ok := f.(pyClass)
		if !ok {
			return errors.New("the pickle calls what is no class")
		}
		switch class {
		case "collections.OrderedDict":
			made, err = p.ordered(args)
		case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2":
			made, err = rebuild(args)
		case "torch._utils._rebuild_parameter":
			if t, ok := first(args).(*pyTensor); ok {
				made = t
			} else {
				err = errors.New("a parameter without a tensor")
			}
		case "torch.Size":
			if made, ok = first(args).(pyTuple); !ok {
				err = errors.New("a torch.Size without numbers")
			}
		default:
			if p.modules {
				made = &pyObject{class: class, state: args}
				break
			}
			err = fmt.Errorf("it asks to call %.80q, which no tensor needs; nothing was run: save the model's state_dict()", string(class))
		}
	}
	if err != nil {
		return err
	}
	p.push(made)
	return nil
}

func first(args pyTuple) any {
	if len(args) == 0 {
		return nil
	}
	return args[0]
}

// ordered is OrderedDict(), or OrderedDict of a list of pairs, as Python 2 wrote it.
func (p *machine) ordered(args pyTuple) (any, error) {
	d := pyDict{}
	if len(args) == 0 {
		return d, nil
	}
	l, ok := args[0].(*pyList)
	if !ok {
		return nil, errors.New("an OrderedDict of something else than pairs")
	}
	if p.moved += len(l.items); p.moved > len(p.in) { // one list given again and again
		return nil, errors.New("the pickle makes more than it holds")
	}
	for _, item := range l.items {
		pair, ok := item.(*pyList)
		if !ok || len(pair.items) != 2 {
			return nil, errors.New("an OrderedDict of something else than pairs")
		}
		if key, ok := pair.items[0].(string); ok {
			d[key] = pair.items[1]
		}
	}
	return d, nil
}
