package measure

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit"
)

// A Pair is one painting beside its true image.
type Pair struct {
	Painted, Truth []float32 // [3, S, S] in [−1, 1]; outside the hole the painting is the truth
	Hole           []float32 // [S, S], 1 where the model painted
	Size           int       // S
}

// PerImage measures every painting of those of the parts that the audit has, and leaves one sample of the quantity for
// each part. view says what of an image the number is made of: [audit.Hole] or [audit.Image]. A part that was not
// painted is an error, and so is what of returns, with the image's number.
func PerImage(in *Input, q audit.Quantity, view string, parts []audit.Part, of func(Pair) (float64, error)) ([]audit.Sample, error) {
	return eachPart(in, parts, func(p part) ([]audit.Sample, error) {
		values := make([]float64, p.n())
		for i := range values {
			v, err := of(Pair{Painted: p.painting(i), Truth: p.truth(i), Hole: p.mask(i), Size: in.Stage.Size})
			if err != nil {
				return nil, fmt.Errorf("%s of image %d (%s): %w", q.Name, in.Stage.Index[p.name][i], p.name, err)
			}
			values[i] = v
		}
		return []audit.Sample{p.perImage(q.Name, p.pixelIdentity(q.Name, view), q.Direction, values)}, nil
	})
}
