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

// An Array is a named float32 array; the product of Shape is the number of
// Values.
type Array struct {
	Shape  []int64
	Values []float32
}

// header is the name that safetensors files keep their metadata under.
const header = "__metadata__"

// Save writes arrays and metadata whole or not at all. Equal contents make equal
// files.
func Save(path string, arrays map[string]Array, meta map[string]string) error {
	views := make(map[string]view, len(arrays))
	for name, a := range arrays {
		v, err := a.view()
		if name == header {
			err = errors.New("the name belongs to the file format")
		}
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

// A view is an array as the file has it. safetensors.TensorView takes a scalar
// for an array without elements.
type view struct {
	shape []uint64
	raw   []byte
}

func (v view) DType() safetensors.DType { return safetensors.F32 }
func (v view) Shape() []uint64          { return v.shape }
func (v view) Data() []byte             { return v.raw }
func (v view) DataLen() uint64          { return uint64(len(v.raw)) }

// check wants a shape that holds the values.
func (a Array) check() error {
	n := int64(1)
	for _, d := range a.Shape {
		if d < 0 || (d > 0 && n > math.MaxInt64/d) {
			return fmt.Errorf("shape %v is impossible", a.Shape)
		}
		n *= d
	}
	if n != int64(len(a.Values)) {
		return fmt.Errorf("shape %v cannot hold %d values", a.Shape, len(a.Values))
	}
	return nil
}

func (a Array) view() (view, error) {
	v := view{shape: make([]uint64, len(a.Shape)), raw: make([]byte, 4*len(a.Values))}
	if err := a.check(); err != nil {
		return v, err
	}
	for i, d := range a.Shape {
		v.shape[i] = uint64(d)
	}
	for i, x := range a.Values {
		binary.LittleEndian.PutUint32(v.raw[4*i:], math.Float32bits(x))
	}
	return v, nil
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
	n, md, err := safetensors.ReadMetadata(b) // checks that the arrays fill the file
	if err != nil {
		return nil, nil, err
	}
	data := b[8+n:]
	out := make(map[string]Array, len(md.Tensors()))
	for name, t := range md.Tensors() {
		if t.DType != safetensors.F32 {
			return nil, nil, fmt.Errorf("array %s holds %s, want F32", name, t.DType)
		}
		raw := data[t.DataOffsets[0]:t.DataOffsets[1]]
		a := Array{Shape: make([]int64, len(t.Shape)), Values: make([]float32, len(raw)/4)}
		for i, d := range t.Shape {
			a.Shape[i] = int64(d)
		}
		if err := a.check(); err != nil {
			return nil, nil, fmt.Errorf("array %s: %w", name, err)
		}
		for i := range a.Values {
			a.Values[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		}
		out[name] = a
	}
	return out, md.Metadata(), nil
}
