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

// The arrays of a packed file may take this much more memory than the file has bytes, or spare bytes where that is more:
// real features and pictures stay far below it.
const (
	ratio = 200
	spare = 256 << 20
)

// ReadFile reads the arrays of a .npz file by their names, or the one of a .npy file under the empty name, whatever
// the file is called. With names given it reads those of a .npz file alone, as many of them as it has.
func ReadFile(path string, only ...string) (_ map[string]Array, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	var out map[string]Array
	if info.Mode().IsRegular() {
		out, err = all(f, info.Size(), max(spare, ratio*info.Size()), only)
	} else { // a pipe has no size
		var b []byte
		if b, err = io.ReadAll(f); err == nil {
			out, err = DecodeAll(b, only...)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return out, nil
}

// DecodeAll is ReadFile on a file's bytes.
func DecodeAll(b []byte, only ...string) (map[string]Array, error) {
	size := int64(len(b))
	return all(bytes.NewReader(b), size, max(spare, ratio*size), only)
}

// all reads a file of size bytes, whose arrays may take room bytes in memory.
func all(r io.ReaderAt, size, room int64, only []string) (map[string]Array, error) {
	start := make([]byte, len(magic))
	if _, err := r.ReadAt(start, 0); err == nil && string(start) == magic {
		a, err := read(io.NewSectionReader(r, 0, size), size, &room)
		return map[string]Array{"": a}, err
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("neither a .npy nor a .npz file: %w", err)
	}
	out := map[string]Array{}
	for _, f := range z.File {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if len(only) > 0 && !slices.Contains(only, name) {
			continue
		}
		if !ok {
			return nil, fmt.Errorf("the .npz file holds %q, which is no array", f.Name)
		}
		if _, twice := out[name]; twice {
			return nil, fmt.Errorf("the .npz file holds the array %q twice", name)
		}
		if out[name], err = unpack(f, size, &room); err != nil {
			return nil, fmt.Errorf("array %q: %w", name, err)
		}
	}
	return out, nil
}

// unpack reads one array of a file of size bytes. The size that an array claims is believed as far as so many packed
// bytes can make it.
func unpack(f *zip.File, size int64, room *int64) (_ Array, err error) {
	const most = 1032 // bytes that deflate makes of one
	packed := min(f.CompressedSize64, uint64(size))
	if f.UncompressedSize64 > most*(packed+1) {
		return Array{}, fmt.Errorf("it claims to unpack from %d to %d bytes: the file is damaged, write it again", packed, f.UncompressedSize64)
	}
	r, err := f.Open()
	if err != nil {
		return Array{}, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return read(r, int64(f.UncompressedSize64), room)
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
