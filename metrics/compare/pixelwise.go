package compare

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
	"github.com/lethe-audit/lethe/metrics"
)

// pixelIdentity is the identity of a mean over pairs.
func (in *input) pixelIdentity(name, variant string) metrics.Identity {
	id := metrics.Identity{Metric: name, Variant: variant, DType: "float64", N: in.fake.N, Reference: in.real.Digest,
		Field: metrics.FieldImage, DataRange: 1}
	in.pictures(&id)
	if in.pairs.masked {
		id.Field = metrics.FieldHole
	}
	return id
}

// mean is the row of a mean over pairs, with a bootstrap interval where the pairs vary.
func (in *input) mean(id metrics.Identity, values []float64, d audit.Direction) ([]Row, error) {
	id.ReferenceN = 0
	m := metrics.Resamples(values).Mean()
	row := in.row(id, m, d)
	rng := rand.New(rand.NewPCG(audit.Seed(in.Seed, "pairs", id.Metric), 0))
	i, err := stats.BCa(values, func(x []float64) float64 { return metrics.Resamples(x).Mean() }, 2000, 0.95, rng)
	if err == nil {
		row.Interval = &Interval{Low: i.Lo, High: i.Hi, Level: 0.95, By: "BCa bootstrap over pairs"}
	}
	return []Row{row}, nil
}

// inPairOrder gathers a side's embeddings in the order of the pairs.
func (in *input) inPairOrder(s *side, names []string) (*mat.Dense, error) {
	out := mat.NewDense(len(names), s.dim(), nil)
	for i, n := range names {
		at, ok := slices.BinarySearch(s.files, n)
		if !ok {
			return nil, fmt.Errorf("%s is not among the pictures of the %s side", n, s.name)
		}
		out.SetRow(i, s.features.RawRowView(at))
	}
	return out, nil
}

// dim is the number of coordinates of a side's embeddings, 0 where there are none.
func (s *side) dim() int {
	switch {
	case s.moments != nil:
		return len(s.moments.Mean())
	case s.features != nil:
		_, d := s.features.Dims()
		return d
	}
	return 0
}

// survey decodes a folder's pictures for their sizes and digests alone.
func (in *input) survey(ctx context.Context, s *side) error {
	sizes := map[string]int{}
	got := make([]picture, len(s.files))
	err := in.forEach(ctx, len(s.files), func(i int) (err error) {
		got[i], err = in.decode(s.full(s.files[i]))
		got[i].image.Pix = nil
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range got {
		s.digests, s.formats = append(s.digests, p.digest), append(s.formats, p.format)
		sizes[p.size]++
	}
	s.settle(sizes)
	in.report(s.name, len(s.files), len(s.files))
	return nil
}
