package measure

import (
	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/outputs"
	"github.com/lethe-audit/lethe/metrics"
)

// dataRange is the range of pixels in [−1, 1].
const dataRange = 2

// floor is added where a number may be 0 and its logarithm must be finite.
const floor = 1e-6

// part is what the subject painted for one part of the data, beside what is true.
type part struct {
	*outputs.Set
	name  audit.Part
	batch corpus.Batch
	in    *Input
}

// eachPart measures those of the named parts that the stage has, in order, and joins their samples. A part that the
// stage has and the subject did not paint is an error, before anything is measured.
func eachPart(in *Input, names []audit.Part, f func(part) ([]audit.Sample, error)) ([]audit.Sample, error) {
	var parts []part
	for _, name := range names {
		if _, ok := in.Stage.Batch[name]; !ok {
			continue
		}
		set, b, err := in.Painted(in.Subject, name)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part{Set: set, name: name, batch: b, in: in})
	}
	var out []audit.Sample
	for _, p := range parts {
		s, err := f(p)
		if err != nil {
			return nil, err
		}
		out = append(out, s...)
	}
	return out, nil
}

// n is how many images the part has.
func (p part) n() int { return p.batch.View.N }

// features are the embeddings of the part's paintings, and of its true images.
func (p part) features() (painted, truth *mat.Dense, err error) {
	if painted, err = featuresOf(p.Vectors); err != nil {
		return nil, nil, err
	}
	truth, err = featuresOf(p.in.Truth[p.name])
	return painted, truth, err
}

func featuresOf(v features.Vectors) (*mat.Dense, error) {
	return metrics.Embeddings(v.Features, v.N, v.Dim)
}

// painting is what was painted for image i.
func (p part) painting(i int) []float32 { return p.image(p.Images, i) }

// truth is the true image i.
func (p part) truth(i int) []float32 { return p.image(p.batch.Target, i) }

func (p part) image(stack []float32, i int) []float32 {
	px := 3 * p.in.Stage.Size * p.in.Stage.Size
	return stack[i*px : (i+1)*px]
}

// shape is the shape of an image.
func (p part) shape() metrics.Shape {
	return metrics.Shape{C: 3, H: p.in.Stage.Size, W: p.in.Stage.Size}
}

// mask is image i's region as the networks take it: 1 in the hole, 0 outside.
func (p part) mask(i int) []float32 {
	area := p.batch.View.Size * p.batch.View.Size
	return p.batch.View.Region[i*area : (i+1)*area]
}

// hole is image i's region.
func (p part) hole(i int) (metrics.Region, error) { return metrics.RegionFromMask(p.mask(i)) }
