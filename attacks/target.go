package attacks

import (
	"context"
	"errors"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/outputs"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/training"
)

// A Target is the model under attack: what it painted, and the model itself.
type Target struct {
	*outputs.Input
	Model  models.Model // what is audited; not to be changed
	Corpus *corpus.Corpus
	Train  audit.Train // how the original was trained
	// Copy makes another model with the target's weights, to be changed and freed by the attack. It is nil where the
	// target can only be asked to paint.
	Copy  func() (models.Model, error)
	First models.Model // the original, which the audit starts from; not to be changed
}

// ErrBlackBox is returned by attacks that need weights or gradients, of a target that can only be asked to paint.
var ErrBlackBox = errors.New("it can only be asked to paint, and this attack needs its weights")

// ErrUnfit is returned by attacks that need a part which the model's family does not have.
var ErrUnfit = errors.New("it has no part that the attack needs")

// ErrCovered is returned by attacks that would measure of this family of models what another one measures already.
var ErrCovered = errors.New("its loss is the error of its painting, which membership judges")

// Open is a copy of the target to work on, which the attack frees: [ErrBlackBox] where there is none to be had.
func (t *Target) Open() (models.Model, error) {
	if t.Copy == nil {
		return nil, ErrBlackBox
	}
	return t.Copy()
}

// Beside is a copy of the target to work on, which the attack frees, with the target's weights and the original's, all
// of one layout: [ErrBlackBox] where the target has no weights, or those of another network.
func (t *Target) Beside() (m models.Model, own, first []float32, err error) {
	if m, err = t.Open(); err != nil {
		return nil, nil, nil, err
	}
	if !m.Params().Layout().Equal(t.First.Params().Layout()) {
		m.Params().Free()
		return nil, nil, nil, fmt.Errorf("%w: those it has are of another network than the original's", ErrBlackBox)
	}
	own, err1 := m.Params().Values()
	first, err2 := t.First.Params().Values()
	if err := errors.Join(err1, err2); err != nil {
		m.Params().Free()
		return nil, nil, nil, err
	}
	return m, own, first, nil
}

// Batch finds the images of a part. That there are none is an error that names the attack.
func (t *Target) Batch(attack string, p audit.Part) (corpus.Batch, error) {
	b, ok := t.Stage.Batch[p]
	if !ok {
		return b, fmt.Errorf("%s: there are no images in part %s; forget some that are not poisoned", attack, p)
	}
	return b, nil
}

// Paint lets a model paint a view, [N, 3, S, S]. What is not finite is an error that ends the attack on this target.
func (t *Target) Paint(ctx context.Context, m models.Model, v tasks.View) ([]float32, error) {
	painted, err := t.Corpus.Generate(ctx, m, v)
	if err != nil {
		return nil, err
	}
	for i, x := range painted {
		if x-x != 0 {
			return nil, fmt.Errorf("%w: the model paints %v (value %d)", training.ErrDiverged, x, i)
		}
	}
	return painted, nil
}

// Errors are a model's mean squared errors over the region, against given pictures.
func (t *Target) Errors(ctx context.Context, m models.Model, v tasks.View, against []float32) ([]float64, error) {
	painted, err := t.Paint(ctx, m, v)
	if err != nil {
		return nil, err
	}
	return squaredErrors(painted, against, v.Region, v.Size), nil
}

// squaredErrors are each painting's mean squared errors over its region.
func squaredErrors(painted, against, region []float32, size int) []float64 {
	values := corpus.SquaredDistance(painted, against, region, size)
	for i, d := range values {
		var area float64
		for _, r := range region[i*size*size : (i+1)*size*size] {
			area += float64(r)
		}
		values[i] = d / (3 * area)
	}
	return values
}

// Sample holds one value for each of the first images of a part, as the attack measured them: how belongs to the
// sample's identity, setting is empty for an attack that has none.
func (t *Target) Sample(q audit.Quantity, setting string, p audit.Part, how string, values []float64) audit.Sample {
	s := audit.Sample{
		Quantity: q.Name, Setting: setting, View: audit.Hole, Part: p,
		Direction: q.Direction, Unit: audit.PerImage, Index: t.Stage.Index[p][:len(values)], Values: values,
	}
	s.Identity = fmt.Sprintf("%s dtype=float32 n=%d field=%s %s", s.Name(), len(values), s.View, how)
	return s
}

// ForgetAndTest takes a sample of forget images and one of test images in the same way: what [criteria.Gap] compares.
func (t *Target) ForgetAndTest(attack string, q audit.Quantity, setting, how string,
	values func(p audit.Part, b corpus.Batch) ([]float64, error)) ([]audit.Sample, error) {
	var out []audit.Sample
	for _, p := range []audit.Part{audit.Forget, audit.Test} {
		b, err := t.Batch(attack, p)
		if err != nil {
			return nil, err
		}
		v, err := values(p, b)
		if err != nil {
			return nil, fmt.Errorf("part %s: %w", p, err)
		}
		out = append(out, t.Sample(q, setting, p, how, v))
	}
	return out, nil
}
