package pickle

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// legacyMagic is how legacy files begin: the pickles of the number 0x1950a86a20f9469cfc6c and of version 1001
// (PyTorch's torch/serialization.py, MAGIC_NUMBER and PROTOCOL_VERSION).
const legacyMagic = "\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03."

// decodeLegacy reads three pickles (the writer's system, the contents, the storages' keys), then the storages.
func decodeLegacy(b []byte, store *storages) (any, error) {
	rest := b[len(legacyMagic):]
	var parts [3]any
	kinds := map[string]numbers{} // of the storages that the contents name
	for i := range parts {
		p := &machine{in: rest, kinds: kinds}
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
