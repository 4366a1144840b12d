// Package datasets holds the pictures an audit works on: procedural ones, CIFAR-10
// and folders of photographs; the split into retain, forget, poisoned and test
// images, with its manifest; and the attacker's trigger and target.
package datasets

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"

	"github.com/lethe-audit/lethe/internal/pixels"
)

// Set is a fixed list of labelled pictures of one shape. It may be used from
// several goroutines.
type Set interface {
	Name() string
	Len() int
	// Shape is a picture's channels, rows and columns.
	Shape() (c, h, w int)
	// Label is the class of picture i, an index of Classes.
	Label(i int) int
	Classes() []string
	// Read writes the pictures idx one after the other to dst, each as c planes of
	// h×w values in [−1, 1]. dst must hold len(idx)·c·h·w values.
	Read(ctx context.Context, dst []float32, idx []int) error
	// Hash is the SHA-256 of picture i's bytes after all preparation, plane by
	// plane: equal pictures have equal hashes whatever they are called. It fails
	// only where the picture must be read from a file.
	Hash(i int) ([sha256.Size]byte, error)
}

// Named is a Set whose pictures have names of their own, such as file paths.
type Named interface {
	ItemName(i int) string
}

// NameOf is picture i's own name, or its index where the set has none.
func NameOf(s Set, i int) string {
	if n, ok := s.(Named); ok {
		return n.ItemName(i)
	}
	return strconv.Itoa(i)
}

// checkRead refuses what no Read can serve.
func checkRead(s Set, dst []float32, idx []int) error {
	c, h, w := s.Shape()
	if len(dst) != len(idx)*c*h*w {
		return fmt.Errorf("%s: room for %d values given, %d pictures of %d×%d×%d need %d", s.Name(), len(dst), len(idx), c, h, w, len(idx)*c*h*w)
	}
	for _, i := range idx {
		if i < 0 || i >= s.Len() {
			return fmt.Errorf("%s: there is no picture %d, the last is %d", s.Name(), i, s.Len()-1)
		}
	}
	return nil
}

var units = func() (t [256]float32) {
	for v := range t {
		t[v] = pixels.ToUnit(uint8(v))
	}
	return t
}()

func toUnits(dst []float32, src []uint8) {
	for i, v := range src {
		dst[i] = units[v]
	}
}

// memory is a Set held as bytes, plane by plane.
type memory struct {
	name    string
	c, h, w int
	pix     []uint8
	labels  []uint8
	classes []string
}

func (m *memory) Name() string         { return m.name }
func (m *memory) Len() int             { return len(m.labels) }
func (m *memory) Shape() (c, h, w int) { return m.c, m.h, m.w }
func (m *memory) Label(i int) int      { return int(m.labels[i]) }
func (m *memory) Classes() []string    { return append([]string(nil), m.classes...) }

func (m *memory) at(i int) []uint8 {
	n := m.c * m.h * m.w
	return m.pix[i*n : (i+1)*n]
}

func (m *memory) Read(ctx context.Context, dst []float32, idx []int) error {
	if err := checkRead(m, dst, idx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", m.name, err)
	}
	n := m.c * m.h * m.w
	for k, i := range idx {
		toUnits(dst[k*n:(k+1)*n], m.at(i))
	}
	return nil
}

func (m *memory) Hash(i int) ([sha256.Size]byte, error) {
	if i < 0 || i >= m.Len() {
		return [sha256.Size]byte{}, fmt.Errorf("%s: there is no picture %d, the last is %d", m.name, i, m.Len()-1)
	}
	return sha256.Sum256(m.at(i)), nil
}
