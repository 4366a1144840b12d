package engine

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/checkpoint"
	"github.com/lethe-audit/lethe/internal/models"
)

// saveModel writes a model's weights under their names.
func saveModel(file string, m models.Model) error {
	v, err := m.Params().Values()
	if err != nil {
		return err
	}
	arrays := map[string]checkpoint.Array{}
	for _, q := range m.Params().Layout() {
		arrays[q.Name] = checkpoint.Array{Shape: q.Shape, Values: v[q.Offset : q.Offset+q.Size()]}
	}
	return checkpoint.Save(file, arrays, map[string]string{"format": "pt"})
}

// loadModel reads weights and holds them to their digest.
func loadModel(file string, m models.Model, want audit.Digest) error {
	arrays, _, err := checkpoint.Load(file)
	if err != nil {
		return err
	}
	l := m.Params().Layout()
	v := make([]float32, l.Size())
	for _, q := range l {
		a, ok := arrays[q.Name]
		if !ok || len(a.Values) != q.Size() {
			return fmt.Errorf("%s: weight %s is missing or has another shape than %v: delete its folder and run again", file, q.Name, q.Shape)
		}
		copy(v[q.Offset:], a.Values)
	}
	if err := m.Params().Set(v); err != nil {
		return err
	}
	got, err := m.Params().Digest()
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("%s has digest %s, %s was recorded: it was changed; delete its folder and run again", file, got.Short(), want.Short())
	}
	return nil
}
