package metrics

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/embeddings"
)

// Embeddings copies n·d values, one embedding of d coordinates after the other, into an n×d matrix of float64.
// A length that does not fit and values that are not finite are errors.
func Embeddings[T Float](values []T, n, d int) (*mat.Dense, error) {
	if n < 1 || d < 1 || len(values) != n*d {
		return nil, fmt.Errorf("%d values are not %d embeddings of %d coordinates", len(values), n, d)
	}
	data := make([]float64, len(values))
	for i, v := range values {
		data[i] = float64(v)
	}
	x := mat.NewDense(n, d, data)
	if _, _, err := embeddings.Check("set", x); err != nil {
		return nil, err
	}
	return x, nil
}

// CosinePairs is the similarity a·b / (‖a‖‖b‖) of each row of a with the same row of b, the image–image similarity
// used with CLIP embeddings (Radford et al. 2021; the embeddings need not have unit length). One value in [−1, 1]
// an image, 1 for the same direction, higher is better. torchmetrics' CLIPScore is 100 times such a value.
// Sets of different size, values that are not finite and an embedding of length 0 are errors.
func CosinePairs(a, b *mat.Dense) ([]float64, error) {
	n, _, err := embeddings.CheckPair("first set", a, "second set", b)
	if err != nil {
		return nil, fmt.Errorf("cosine: %w", err)
	}
	if m, _ := b.Dims(); m != n {
		return nil, fmt.Errorf("cosine: first set has %d embeddings, second set %d: they are compared in pairs", n, m)
	}
	out := make([]float64, n)
	for i := range out {
		u, v := a.RawRowView(i), b.RawRowView(i)
		su, sv := embeddings.Largest(u), embeddings.Largest(v)
		if su == 0 || sv == 0 {
			return nil, fmt.Errorf("cosine: embedding %d has length 0 and no direction: look at the feature extractor", i)
		}
		dot, uu, vv := 0.0, 0.0, 0.0
		for j := range u {
			p, q := u[j]/su, v[j]/sv
			dot += p * q
			uu += p * p
			vv += q * q
		}
		out[i] = max(-1, min(1, dot/math.Sqrt(uu*vv)))
	}
	return out, nil
}

// CLIPScoreVariant names what the cosine of an image's and its caption's embeddings is multiplied with.
type CLIPScoreVariant string

const (
	CLIPScorePaper        CLIPScoreVariant = "w=2.5"        // Hessel et al. (2021), section 3
	CLIPScoreTorchmetrics CLIPScoreVariant = "torchmetrics" // 100, torchmetrics' clip_score
)

// CLIPScore is w·max(cos(image, text), 0) of each image's embedding and its caption's in the same row (Hessel et al.
// 2021, eq. 1): how well a caption fits, from 0 to w, higher is better. The embeddings come from one CLIP model; w is 2.5
// or 100 by the variant. Errors are those of CosinePairs, and an unknown variant.
// Part of the library: no audit has captions.
func CLIPScore(images, texts *mat.Dense, v CLIPScoreVariant) ([]float64, error) {
	w := map[CLIPScoreVariant]float64{CLIPScorePaper: 2.5, CLIPScoreTorchmetrics: 100}[v]
	if w == 0 {
		return nil, fmt.Errorf("unknown clip score variant %q: one of %q, %q", string(v), CLIPScorePaper, CLIPScoreTorchmetrics)
	}
	out, err := CosinePairs(images, texts)
	for i, c := range out {
		out[i] = w * max(0, c)
	}
	return out, err
}
