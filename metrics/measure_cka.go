package metrics

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/outputs"
)

// layerSimilarity is the debiased linear CKA of each of the model's layers with the same layer of the retrained models,
// the mean over them, on images to forget and on retained ones. A retrained model's own value, against the others, is
// the yardstick: what the same training without the images leaves alike. Halves of the images give its uncertainty.
// A model that cannot be looked into (a black box) has no such sample.
type layerSimilarity struct{}

// LooksInside asks for activations.
func (*layerSimilarity) LooksInside() {}

func (*layerSimilarity) Measure(in *Input) ([]audit.Sample, error) {
	var out []audit.Sample
	for _, p := range []audit.Part{audit.Forget, audit.Retain} {
		if _, ok := in.Stage.Batch[p]; !ok {
			continue
		}
		set, b, err := in.Painted(in.Subject, p)
		if err != nil {
			return nil, err
		}
		for i, l := range set.Layers {
			mine, err := activations(l, b.View.N)
			if err != nil {
				return nil, fmt.Errorf("cka: layer %s on part %s: %w", l.Name, p, err)
			}
			var theirs []*mat.Dense
			for _, o := range in.Oracles {
				if o[p] == nil || len(o[p].Layers) <= i || o[p].Layers[i].Name != l.Name {
					return nil, fmt.Errorf("cka: a retrained model has no layer %s", l.Name)
				}
				x, err := activations(o[p].Layers[i], b.View.N)
				if err != nil {
					return nil, fmt.Errorf("cka: layer %s of a retrained model on part %s: %w", l.Name, p, err)
				}
				theirs = append(theirs, x)
			}
			values, err := resample(b.View.N, in.Seed, string(p), true, func(rows []int) (float64, error) {
				sum := 0.0
				for _, o := range theirs {
					v, err := CKA(pick(mine, rows), pick(o, rows), CKADebiased)
					if err != nil {
						return 0, err
					}
					sum += v / float64(len(theirs))
				}
				return sum, nil
			})
			if err != nil {
				return nil, fmt.Errorf("cka: layer %s on part %s: %w", l.Name, p, err)
			}
			id := Identity{Metric: "cka", Variant: string(CKADebiased) + " " + l.Name, DType: "float64", N: b.View.N, Seed: in.Seed, Field: FieldImage}
			out = append(out, audit.Sample{Quantity: "cka " + l.Name, View: FieldImage, Part: p, Identity: id.String(),
				Direction: audit.Neutral, Unit: audit.PerResample, Values: values})
		}
	}
	return out, nil
}

func activations(l outputs.Layer, n int) (*mat.Dense, error) { return Embeddings(l.Values, n, l.Units) }
