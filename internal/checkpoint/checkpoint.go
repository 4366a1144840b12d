// Package checkpoint stores arrays in safetensors files, which Python's
// safetensors library reads as they are.
package checkpoint

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"

	"github.com/nlpodyssey/safetensors"

	"github.com/lethe-audit/lethe/internal/atomicfile"
)

// An Array is a named float32 array.
type Array struct {
	Shape  []int64
	Values []float32
}

// Save writes arrays and metadata whole or not at all. Equal contents make equal
// files.
func Save(path string, arrays map[string]Array, meta map[string]string) error {
	views := make(map[string]safetensors.TensorView, len(arrays))
	for name, a := range arrays {
		shape := make([]uint64, len(a.Shape))
		for i, d := range a.Shape {
			shape[i] = uint64(d)
		}
		raw := make([]byte, 4*len(a.Values))
		for i, v := range a.Values {
			binary.LittleEndian.PutUint32(raw[4*i:], math.Float32bits(v))
		}
		v, err := safetensors.NewTensorView(safetensors.F32, shape, raw)
		if err != nil {
			return fmt.Errorf("write %s: array %s: %w", path, name, err)
		}
		views[name] = v
	}
	if meta == nil {
		meta = map[string]string{}
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		return safetensors.SerializeToWriter(views, meta, w)
	})
}

// Load reads a float32 safetensors file.
func Load(path string) (map[string]Array, map[string]string, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("no checkpoint at %s: %w", path, fs.ErrNotExist)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read checkpoint: %w", err)
	}
	arrays, meta, err := Decode(b)
	if err != nil {
		return nil, nil, fmt.Errorf("%s is not a whole safetensors file of float32 arrays (%w): delete it or give another", path, err)
	}
	return arrays, meta, nil
}

// Decode reads the bytes of a float32 safetensors file.
func Decode(b []byte) (map[string]Array, map[string]string, error) {
	_, md, err := safetensors.ReadMetadata(b)
	if err != nil {
		return nil, nil, err
	}
	st, err := safetensors.Deserialize(b)
	if err != nil {
		return nil, nil, err
	}
	out := make(map[string]Array, st.Len())
	for _, t := range st.Tensors() {
		v := t.TensorView
		if v.DType() != safetensors.F32 {
			return nil, nil, fmt.Errorf("array %s holds %s, want F32", t.Name, v.DType())
		}
		raw := v.Data()
		a := Array{Shape: make([]int64, len(v.Shape())), Values: make([]float32, len(raw)/4)}
		for i, d := range v.Shape() {
			a.Shape[i] = int64(d)
		}
		for i := range a.Values {
			a.Values[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		}
		out[t.Name] = a
	}
	return out, md.Metadata(), nil
}
