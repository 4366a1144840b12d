package compare

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
	"github.com/lethe-audit/lethe/metrics"
)

func meanSquaredError(ctx context.Context, in *input) ([]Row, error) {
	values, err := in.each(ctx, func(b both) (float64, error) {
		v, err := metrics.MSE(b.real, b.fake, b.region)
		return v / (255 * 255), err
	})
	if err != nil {
		return nil, err
	}
	return in.mean(in.pixelIdentity("mse", ""), values, audit.Lower)
}

func psnr(ctx context.Context, in *input) ([]Row, error) {
	values, err := in.each(ctx, func(b both) (float64, error) {
		mse, err := metrics.MSE(b.real, b.fake, b.region)
		if err != nil {
			return 0, err
		}
		v, err := metrics.PSNR(mse, 255)
		if errors.Is(err, metrics.ErrIdentical) {
			return math.Inf(1), nil
		}
		return v, err
	})
	if err != nil {
		return nil, err
	}
	finite := slices.DeleteFunc(slices.Clone(values), func(v float64) bool { return math.IsInf(v, 1) })
	in.exact = len(values) - len(finite)
	if len(finite) == 0 {
		return nil, nil // a note says so
	}
	id := in.pixelIdentity("psnr", "")
	id.N = len(finite)
	return in.mean(id, finite, audit.Higher)
}

func ssim(ctx context.Context, in *input) ([]Row, error) {
	values, err := in.each(ctx, func(b both) (float64, error) {
		return metrics.SSIM(b.real, b.fake, b.shape, 255, metrics.SSIMSkimage, b.region)
	})
	if err != nil {
		return nil, err
	}
	return in.mean(in.pixelIdentity("ssim", string(metrics.SSIMSkimage)), values, audit.Higher)
}

func msSSIM(ctx context.Context, in *input) ([]Row, error) {
	if in.pairs.masked {
		return nil, errors.New("it has no variant for a mask: at the coarser scales a pixel mixes both sides of its rim")
	}
	values, err := in.each(ctx, func(b both) (float64, error) { return metrics.MSSSIM(b.real, b.fake, b.shape, 255) })
	if err != nil {
		return nil, err
	}
	return in.mean(in.pixelIdentity("ms-ssim", metrics.MSSSIMVariant), values, audit.Higher)
}

func lpips(ctx context.Context, in *input) ([]Row, error) {
	if in.LPIPS == nil {
		return nil, errors.New("it needs SqueezeNet 1.1's weights and LPIPS's linear ones: give --lpips-backbone and --lpips-lin")
	}
	if in.pairs.masked {
		return nil, errors.New("it has no variant for a mask: its layers see beyond the rim")
	}
	values, err := in.each(ctx, func(b both) (float64, error) {
		if b.shape.H != b.shape.W {
			return 0, fmt.Errorf("a picture of %d×%d pixels: lpips is measured on squares", b.shape.W, b.shape.H)
		}
		v, err := in.LPIPS.Distance(ctx, signed(b.real), signed(b.fake), 1, b.shape.H)
		if err != nil {
			return 0, err
		}
		return v[0], nil
	})
	if err != nil {
		return nil, err
	}
	id := in.LPIPS.Identity()
	own := in.pixelIdentity("lpips", id.Variant)
	id.N, id.Reference, id.Sizes, id.Decoder = own.N, own.Reference, own.Sizes, own.Decoder
	return in.mean(id, values, audit.Lower)
}

// signed brings grey levels to [−1, 1].
func signed(levels []float64) []float32 {
	out := make([]float32, len(levels))
	for i, v := range levels {
		out[i] = float32(v/127.5 - 1)
	}
	return out
}

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

// paired gathers a side's embeddings in the order of the pairs.
func (in *input) paired(s *side, names []string) (*mat.Dense, error) {
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
