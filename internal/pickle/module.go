package pickle

import (
	"errors"
	"fmt"
	"strconv"
)

// A Held is a tensor as a TorchScript file holds it.
type Held struct {
	Kind  string // PyTorch's name of the numbers' storage, such as "torch.FloatStorage"
	Shape []int64
	Bytes []byte // the elements, row by row, each little-endian
}

// Module reads every tensor that a TorchScript file holds, given the file's bytes, without libtorch: those that its
// modules have as attributes (parameters, buffers, others, also within lists and dictionaries) under their names joined
// with dots, and the constants of its code as "constants.0" and so on. Constants of one element are left out: tracing
// writes the code's literals so.
//
// Nothing in the file is executed. A tensor in a form that is not known (quantised, sparse, under a key that is no
// string) is an error: what cannot be read is not to be overlooked.
func Module(b []byte) (map[string]Held, error) {
	out := map[string]Held{}
	for _, part := range []struct{ name, path string }{{"data", ""}, {"constants", "constants"}} {
		store := &storages{room: len(b), raw: map[string][]byte{}, copies: len(b)}
		z, err := openZip(b, store)
		if err == nil && z.files[z.root+"constants.pkl"] == nil {
			err = errors.New("it has no constants.pkl, as TorchScript's files do")
		}
		if err != nil {
			return nil, fmt.Errorf("TorchScript file: %w", err)
		}
		w := &walk{store: store, room: len(b), code: part.name == "constants", out: out}
		pkl, err := z.read(part.name + ".pkl")
		if err == nil {
			store.load = func(key string) ([]byte, error) { return z.read(part.name + "/" + key) }
			var top any
			if top, err = (&machine{in: pkl, kinds: map[string]numbers{}, modules: true}).run(); err == nil {
				err = w.value(part.path, top, 0)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("TorchScript file: %s.pkl: %w", part.name, err)
		}
	}
	return out, nil
}

// A pyObject is an object of a class that only TorchScript knows, or what a function that is not known was called with.
type pyObject struct {
	class pyClass
	state any
}

// object runs the opcodes that make objects: NEWOBJ of a class and its arguments, and BUILD, which sets its state.
func (p *machine) object(op byte) error {
	v, err := p.pop()
	if err != nil {
		return err
	}
	on, err := p.pop()
	if err != nil {
		return err
	}
	switch on := on.(type) {
	case pyClass:
		if op == '\x81' {
			p.push(&pyObject{class: on, state: v})
			return nil
		}
	case *pyObject:
		if op == 'b' {
			on.state = pyTuple{on.state, v}
			if args, ok := on.state.(pyTuple)[0].(pyTuple); ok && len(args) == 0 {
				on.state = v
			}
			p.push(on)
			return nil
		}
	}
	return errors.New("the pickle makes an object in a way that TorchScript does not")
}

// maxDepth is deeper than any network's modules are nested.
const maxDepth = 100

// A walk finds the tensors in what a pickle holds.
type walk struct {
	store *storages
	room  int  // values that may still be looked at
	code  bool // in the list of the code's constants, literals among them
	out   map[string]Held
}

func (w *walk) value(path string, v any, depth int) error {
	if w.room--; w.room < 0 || depth > maxDepth {
		return errors.New("its values are nested deeper, or refer to one another more often, than a network's do")
	}
	join := func(key string) string {
		if path == "" {
			return key
		}
		return path + "." + key
	}
	all := func(items []any) error {
		for i, item := range items {
			if err := w.value(join(strconv.Itoa(i)), item, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	switch v := v.(type) {
	case *pyTensor:
		return w.tensor(path, v, depth)
	case *pyStorage:
		return fmt.Errorf("%s is a tensor in a form that is not read, such as a quantised or a sparse one", path)
	case *pyObject:
		return w.value(path, v.state, depth+1)
	case pyTuple:
		return all(v)
	case *pyList:
		return all(v.items)
	case pyDict:
		for key, item := range v {
			if err := w.value(join(key), item, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *walk) tensor(path string, t *pyTensor, depth int) error {
	n := int64(1)
	for _, d := range t.shape {
		n *= d // wraps for a shape that is refused below
	}
	if w.code && depth == 1 && n == 1 {
		return nil
	}
	if _, twice := w.out[path]; twice {
		return fmt.Errorf("two tensors are called %s", path)
	}
	b, err := w.store.bytes(t)
	if err != nil {
		return fmt.Errorf("tensor %s: %w", path, err)
	}
	w.out[path] = Held{Kind: string(t.storage.class), Shape: append([]int64{}, t.shape...), Bytes: b}
	return nil
}
