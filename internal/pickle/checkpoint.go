// Package pickle reads the checkpoints that Python's torch.save writes, without Python and without libtorch: Python's
// pickles, and the arrays beside them.
package pickle

import (
	"bytes"
	"errors"
	"fmt"
)

// An Array is a float32 array of a Python checkpoint, row by row; the product of Shape is the number of Values.
type Array struct {
	Shape  []int64
	Values []float32
}

// ErrFormat says that a file is no checkpoint of Python's at all.
var ErrFormat = errors.New("neither a zip nor a legacy file of torch.save")

// Decode reads the arrays of a file, given its bytes, that Python's torch.save wrote: in the zip format (PyTorch 1.6 and later) or
// the legacy one, a state_dict by itself or under the key "state_dict" or "model" of a dictionary. Numbers of 16 and 64
// bits become float32. Arrays of integers, such as num_batches_tracked, are left out. Names stay as they are, with the
// "module." of data-parallel training too. Two names of one array share their values.
//
// Nothing in the file is executed: only the few classes that tensors need are known, and any other is an error, as is a
// file cut short or made up. No more than a small multiple of the file's size is allocated.
func Decode(b []byte) (map[string]Array, error) {
	var top any
	var err error
	store := &storages{load: nil, room: len(b), arrays: map[string]Array{}, raw: map[string][]byte{}, copies: len(b)}
	switch {
	case bytes.HasPrefix(b, []byte("PK\x03\x04")):
		top, err = decodeZip(b, store)
	case bytes.HasPrefix(b, []byte(legacyMagic)):
		top, err = decodeLegacy(b, store)
	default:
		err = ErrFormat
	}
	if err != nil {
		return nil, fmt.Errorf("python checkpoint: %w", err)
	}
	arrays, err := stateDict(top, store)
	if err != nil {
		return nil, fmt.Errorf("python checkpoint: %w", err)
	}
	return arrays, nil
}

// stateDict finds the tensors in what a file holds.
func stateDict(top any, store *storages) (map[string]Array, error) {
	d, ok := top.(pyDict)
	if !ok {
		return nil, errors.New("it holds no dictionary of tensors: save the model's state_dict()")
	}
	for _, key := range []string{"state_dict", "model"} {
		if inner, ok := d[key].(pyDict); ok {
			d = inner
			break
		}
	}
	out := map[string]Array{}
	for name, v := range d {
		t, ok := v.(*pyTensor)
		if !ok || t.storage.kind.float == nil {
			continue
		}
		a, err := store.array(t)
		if err != nil {
			return nil, fmt.Errorf("tensor %s: %w", name, err)
		}
		out[name] = a
	}
	if len(out) == 0 {
		return nil, errors.New("it holds no tensors of floating-point numbers: save the model's state_dict()")
	}
	return out, nil
}
