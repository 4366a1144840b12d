package torchscript

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/pickle"
	"github.com/lethe-audit/lethe/internal/torch"
)

// Beside says in what the tensors that a file holds beside its trainable parameters (buffers, frozen parameters, other
// attributes, constants of its code) differ from those of a model's family: name by name and bit by bit, empty for in
// nothing. A family in Go has none; one of kind torchscript has its own file's.
func (a *Answerer) Beside(m models.Model) (string, error) {
	l, _, err := a.Weights()
	if err != nil {
		return "", err
	}
	theirs, err := a.script.beside(l)
	if err != nil {
		return "", err
	}
	var ours map[string]pickle.Held
	if s, ok := m.(*scripted); ok {
		if ours, err = s.script.beside(l); err != nil {
			return "", err
		}
	}
	return differ(theirs, ours), nil
}

// beside reads the tensors that are not trainable, of the very file that the plan names.
func (c Script) beside(trainable torch.Layout) (map[string]pickle.Held, error) {
	b, err := os.ReadFile(c.Path)
	if err != nil {
		return nil, fmt.Errorf("read TorchScript file: %w", err)
	}
	if sum := audit.DigestBytes(b); !strings.EqualFold(string(sum), c.SHA256) {
		return nil, fmt.Errorf("%s has sha256 %s, wanted is %s: it is another file", c.Path, sum, c.SHA256)
	}
	held, err := pickle.Module(b)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrUnread, c.Path, err)
	}
	for _, q := range trainable {
		delete(held, q.Name)
	}
	return held, nil
}

// differ lists what is too much, what is missing, and what is another.
func differ(theirs, ours map[string]pickle.Held) string {
	var more, less, other []string
	numbers := 0
	for _, name := range slices.Sorted(maps.Keys(theirs)) {
		t := theirs[name]
		o, ok := ours[name]
		switch {
		case !ok:
			more = append(more, fmt.Sprintf("%s %v", name, t.Shape))
			numbers += count(t)
		case t.Kind != o.Kind || !slices.Equal(t.Shape, o.Shape):
			other = append(other, fmt.Sprintf("%s is %s %v where the family's is %s %v", name, t.Kind, t.Shape, o.Kind, o.Shape))
		case !bytes.Equal(t.Bytes, o.Bytes):
			other = append(other, fmt.Sprintf("%s has %d of %d numbers otherwise", name, unequal(t, o), count(t)))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(ours)) {
		if _, ok := theirs[name]; !ok {
			less = append(less, name)
		}
	}
	var out []string
	if len(more) > 0 {
		out = append(out, fmt.Sprintf("%d numbers too many, in %s", numbers, short(more)))
	}
	if len(less) > 0 {
		out = append(out, "without the family's "+short(less))
	}
	if len(other) > 0 {
		out = append(out, short(other))
	}
	return strings.Join(out, "; ")
}

// short names three and counts the others.
func short(names []string) string {
	if len(names) > 3 {
		names = append(slices.Clone(names[:3]), fmt.Sprintf("%d more", len(names)-3))
	}
	return strings.Join(names, ", ")
}

// count is the number of elements.
func count(h pickle.Held) int {
	n := 1
	for _, d := range h.Shape {
		n *= int(d)
	}
	return n
}

// unequal counts the elements that differ in any bit.
func unequal(a, b pickle.Held) (n int) {
	size := len(a.Bytes) / count(a)
	for i := 0; i < len(a.Bytes); i += size {
		if !bytes.Equal(a.Bytes[i:i+size], b.Bytes[i:i+size]) {
			n++
		}
	}
	return n
}
