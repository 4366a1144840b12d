package torch

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// An Array is a float32 array of a Python checkpoint, row by row; the product of Shape is the number of Values.
type Array struct {
	Shape  []int64
	Values []float32
}

// ErrNotPython says that a file is no checkpoint of Python's at all.
var ErrNotPython = errors.New("neither a zip nor a legacy file of torch.save")

// ReadPython reads the arrays of a file that Python's torch.save wrote: in the zip format (PyTorch 1.6 and later) or
// the legacy one, a state_dict by itself or under the key "state_dict" or "model" of a dictionary. Numbers of 16 and 64
// bits become float32. Arrays of integers, such as num_batches_tracked, are left out. Names stay as they are, with the
// "module." of data-parallel training too. Two names of one array share their values.
//
// Nothing in the file is executed: only the few classes that tensors need are known, and any other is an error, as is a
// file cut short or made up. No more than a small multiple of the file's size is allocated.
func ReadPython(path string) (map[string]Array, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read python checkpoint: %w", err)
	}
	arrays, err := DecodePython(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return arrays, nil
}

// DecodePython is ReadPython on a file's bytes.
func DecodePython(b []byte) (map[string]Array, error) {
	var top any
	var err error
	store := &storages{load: nil, room: len(b), arrays: map[string]Array{}, raw: map[string][]byte{}, copies: len(b)}
	switch {
	case bytes.HasPrefix(b, []byte("PK\x03\x04")):
		top, err = decodeZip(b, store)
	case bytes.HasPrefix(b, []byte(legacyMagic)):
		top, err = decodeLegacy(b, store)
	default:
		err = ErrNotPython
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

// decodeZip reads the archive's pickle, and the storages that it asks for.
func decodeZip(b []byte, store *storages) (any, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, fmt.Errorf("the archive is damaged: %w", err)
	}
	files := make(map[string]*zip.File, len(z.File))
	root := ""
	for _, f := range z.File {
		files[f.Name] = f
		if dir, ok := strings.CutSuffix(f.Name, "data.pkl"); ok && strings.Count(dir, "/") == 1 && strings.HasSuffix(dir, "/") {
			root = dir
		}
	}
	switch {
	case root == "":
		return nil, ErrNotPython
	case files[root+"constants.pkl"] != nil:
		return nil, errors.New("it is a TorchScript module: name it as the path of torchscript features, or save the state_dict")
	}
	read := func(name string) ([]byte, error) {
		f := files[root+name]
		if f == nil {
			return nil, fmt.Errorf("the archive has no record %s%s", root, name)
		}
		if f.Method != zip.Store || f.UncompressedSize64 != f.CompressedSize64 || f.CompressedSize64 > uint64(len(b)) {
			return nil, fmt.Errorf("record %s is compressed or damaged: torch.save stores records as they are", f.Name)
		}
		if store.room -= int(f.CompressedSize64); store.room < 0 {
			return nil, errors.New("the archive's records overlap")
		}
		return readRecord(f)
	}
	if files[root+"byteorder"] != nil {
		order, err := read("byteorder")
		if err != nil {
			return nil, err
		}
		if string(order) != "little" {
			return nil, fmt.Errorf("its numbers are in byte order %.20q, only little is read", order)
		}
	}
	pkl, err := read("data.pkl")
	if err != nil {
		return nil, err
	}
	store.load = func(key string) ([]byte, error) { return read("data/" + key) }
	return (&pickle{in: pkl, kinds: map[string]numbers{}}).run()
}

// readRecord reads a stored record and checks its checksum.
func readRecord(f *zip.File) (_ []byte, err error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("record %s: %w", f.Name, err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("record %s: %w", f.Name, err)
	}
	return raw, nil
}

// legacyMagic is how legacy files begin: the pickles of the number 0x1950a86a20f9469cfc6c and of version 1001
// (PyTorch's torch/serialization.py, MAGIC_NUMBER and PROTOCOL_VERSION).
const legacyMagic = "\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03."

// decodeLegacy reads three pickles (the writer's system, the contents, the storages' keys), then the storages.
func decodeLegacy(b []byte, store *storages) (any, error) {
	rest := b[len(legacyMagic):]
	var parts [3]any
	kinds := map[string]numbers{} // of the storages that the contents name
	for i := range parts {
		p := &pickle{in: rest, kinds: kinds}
		v, err := p.run()
		if err != nil {
			return nil, err
		}
		parts[i], rest = v, rest[p.at:]
	}
	if sys, ok := parts[0].(pyDict); !ok || sys["little_endian"] != true {
		return nil, errors.New("its numbers are not little-endian")
	}
	keys, ok := parts[2].(*pyList)
	if !ok {
		return nil, errors.New("the list of storages is missing")
	}
	at := make(map[string][]byte, len(keys.items))
	for _, k := range keys.items {
		key, ok := k.(string)
		if !ok || len(rest) < 8 {
			return nil, errors.New("the storages are cut short")
		}
		kind, ok := kinds[key]
		n := binary.LittleEndian.Uint64(rest)
		rest = rest[8:]
		if !ok || n > uint64(len(rest)/kind.size) {
			return nil, fmt.Errorf("storage %.40q is cut short or belongs to no tensor", key)
		}
		at[key], rest = rest[:int(n)*kind.size], rest[int(n)*kind.size:]
	}
	store.load = func(key string) ([]byte, error) {
		raw, ok := at[key]
		if !ok {
			return nil, fmt.Errorf("storage %.40q is missing", key)
		}
		return raw, nil
	}
	return parts[1], nil
}
