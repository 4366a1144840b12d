package measure

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/embeddings"
	"github.com/lethe-audit/lethe/internal/outputs"
	"github.com/lethe-audit/lethe/metrics"
)

var ckaEntry = audit.Entry[Metric]{
	Name: "cka",
	Doc:  "linear CKA of the model's layers with the retrained models', debiased (nearer to the retrained models' own is better)",
	New:  func() Metric { return &layerSimilarity{} },
	Leaves: []audit.Quantity{
		{Name: "cka", Head: "CKA", Unit: "at most 1", Direction: audit.Neutral,
			What: "likeness of a layer's (behind the name) activations to the same layer's of the retrained models"},
	},
}

// layerSimilarity is the debiased linear CKA of each of the model's layers with the same layer of the retrained models,
// the mean over them, on images to forget and on retained ones. A retrained model's own value, against the others, is
// the yardstick: what the same training without the images leaves alike. Halves of the images give its uncertainty.
// A model that cannot be looked into (a black box) has no such sample.
type layerSimilarity struct{}

// LooksInside asks for activations.
func (*layerSimilarity) LooksInside() {}

func (m *layerSimilarity) Measure(in *Input) ([]audit.Sample, error) {
	return eachPart(in, []audit.Part{audit.Forget, audit.Retain}, func(p part) ([]audit.Sample, error) {
		var out []audit.Sample
		for i, l := range p.Layers {
			s, err := m.layer(p, i, l)
			if err != nil {
				return nil, err
			}
			out = append(out, s)
		}
		return out, nil
	})
}

// layer compares one layer, the i-th.
func (*layerSimilarity) layer(p part, i int, l outputs.Layer) (s audit.Sample, err error) {
	mine, err := activations(l, p.n())
	if err != nil {
		return s, fmt.Errorf("cka: layer %s on part %s: %w", l.Name, p.name, err)
	}
	var theirs []*mat.Dense
	for _, o := range p.in.Oracles {
		if o[p.name] == nil || len(o[p.name].Layers) <= i || o[p.name].Layers[i].Name != l.Name {
			return s, fmt.Errorf("cka: a retrained model has no layer %s", l.Name)
		}
		x, err := activations(o[p.name].Layers[i], p.n())
		if err != nil {
			return s, fmt.Errorf("cka: layer %s of a retrained model on part %s: %w", l.Name, p.name, err)
		}
		theirs = append(theirs, x)
	}
	values, err := p.resampled(true, func(rows []int) (float64, error) {
		sum := 0.0
		for _, o := range theirs {
			v, err := metrics.CKA(embeddings.Pick(mine, rows), embeddings.Pick(o, rows), metrics.CKADebiased)
			if err != nil {
				return 0, err
			}
			sum += v / float64(len(theirs))
		}
		return sum, nil
	})
	if err != nil {
		return s, fmt.Errorf("cka: layer %s on part %s: %w", l.Name, p.name, err)
	}
	id := metrics.Identity{Metric: "cka", Variant: string(metrics.CKADebiased) + " " + l.Name, DType: "float64", N: p.n(),
		Seed: p.in.Seed, Field: metrics.FieldImage}
	s = p.perResample("cka", id, audit.Neutral, values)
	s.Setting = l.Name
	return s, nil
}

func activations(l outputs.Layer, n int) (*mat.Dense, error) {
	return metrics.Embeddings(l.Values, n, l.Units)
}
