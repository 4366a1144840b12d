package measure

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lethe-audit/lethe/audit"
)

func TestMissingParts(t *testing.T) {
	in := input(t)
	for _, p := range []audit.Part{audit.Poisoned, audit.Triggered} {
		delete(in.Stage.Batch, p)
	}
	assert.NotContains(t, measured(t, "mse", in), "mse/hole/poisoned", "parts without images are left out")
	assert.Len(t, measured(t, "displacement", in), 1)
	for _, e := range All {
		in := input(t)
		delete(in.Subject, audit.Forget)
		m := e.New()
		_, err := m.Measure(in)
		assert.ErrorContains(t, err, "nothing was painted for part forget", e.Name)
		in = input(t)
		in.Subject[audit.Forget].Images = in.Subject[audit.Forget].Images[1:]
		_, err = m.Measure(in)
		assert.ErrorContains(t, err, "part forget", e.Name)
	}
	in = input(t)
	delete(in.Original, audit.Forget)
	_, err := (&displacement{}).Measure(in)
	assert.ErrorContains(t, err, "nothing was painted")
	in = input(t)
	delete(in.Oracles[1], audit.Forget)
	_, err = (&oracleFD{}).Measure(in)
	assert.ErrorContains(t, err, "nothing was painted")
}

func TestFeaturesWithoutClasses(t *testing.T) {
	in := input(t)
	for p := range in.Subject {
		in.Subject[p].Vectors.Classes, in.Subject[p].Vectors.Logits = 0, nil
	}
	_, err := (&inceptionScore{}).Measure(in)
	assert.ErrorContains(t, err, "the features fixture have no classes; leave `is` out of metrics")
	assert.NotEmpty(t, measured(t, "fd", in))
}
