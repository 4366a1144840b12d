package npy

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/lethe-audit/lethe/internal/atomicfile"
)

// Limit is the most bytes that one array of a compressed .npz file may unpack to: 4 GiB, 2048 coordinates of 260,000
// images in float64.
const Limit = 4 << 30

// ReadFile reads the arrays of a .npz file by their names, or the one of a .npy file under the empty name, whatever
// the file is called.
func ReadFile(path string) (map[string]Array, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	out, err := DecodeAll(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return out, nil
}

// DecodeAll is ReadFile on a file's bytes.
func DecodeAll(b []byte) (map[string]Array, error) {
	if bytes.HasPrefix(b, []byte(magic)) {
		a, err := Decode(b)
		return map[string]Array{"": a}, err
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, fmt.Errorf("neither a .npy nor a .npz file: %w", err)
	}
	out := map[string]Array{}
	for _, f := range z.File {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok {
			return nil, fmt.Errorf("the .npz file holds %q, which is no array", f.Name)
		}
		if _, twice := out[name]; twice {
			return nil, fmt.Errorf("the .npz file holds the array %q twice", name)
		}
		if out[name], err = unpack(f); err != nil {
			return nil, fmt.Errorf("array %q: %w", name, err)
		}
	}
	return out, nil
}

// unpack reads one array. What it unpacks to is read piece by piece, so that a small file that claims to be large
// takes no memory for it.
func unpack(f *zip.File) (_ Array, err error) {
	r, err := f.Open()
	if err != nil {
		return Array{}, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	var b bytes.Buffer
	if _, err := io.Copy(&b, io.LimitReader(r, Limit+1)); err != nil {
		return Array{}, fmt.Errorf("it cannot be unpacked: %w", err)
	}
	if b.Len() > Limit {
		return Array{}, fmt.Errorf("it unpacks to more than %d bytes", int64(Limit))
	}
	return Decode(b.Bytes())
}

// WriteFile writes a .npz file of float64 arrays, as numpy.savez does: complete or not at all. Equal arrays give
// equal bytes.
func WriteFile(path string, arrays map[string]Array) error {
	names := make([]string, 0, len(arrays))
	for name := range arrays {
		names = append(names, name)
	}
	slices.Sort(names)
	return atomicfile.Write(path, func(w io.Writer) error {
		z := zip.NewWriter(w)
		for _, name := range names {
			f, err := z.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
			if err != nil {
				return err
			}
			if err := arrays[name].encode(f); err != nil {
				return fmt.Errorf("array %q: %w", name, err)
			}
		}
		return z.Close()
	})
}

// encode writes version 1.0, little-endian float64, with the data aligned to 64 bytes as NumPy has it.
func (a Array) encode(w io.Writer) error {
	n, shape := 1, ""
	for _, d := range a.Shape {
		if d < 0 || d > 0 && n > math.MaxInt/d {
			return fmt.Errorf("shape %v is none", a.Shape)
		}
		n *= d
		shape += fmt.Sprintf("%d, ", d)
	}
	if n != len(a.Values) {
		return fmt.Errorf("shape %v does not hold %d values", a.Shape, len(a.Values))
	}
	if len(a.Shape) > 1 {
		shape = strings.TrimSuffix(shape, ", ")
	}
	text := fmt.Sprintf("{'descr': '<f8', 'fortran_order': False, 'shape': (%s), }", strings.TrimSuffix(shape, " "))
	text += strings.Repeat(" ", 63-(10+len(text))%64) + "\n"
	head := append([]byte(magic), 1, 0)
	head = binary.LittleEndian.AppendUint16(head, uint16(len(text)))
	if _, err := w.Write(append(head, text...)); err != nil {
		return err
	}
	return binary.Write(w, binary.LittleEndian, a.Values)
}
