package metrics

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
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
	if _, _, err := checkSet("set", x); err != nil {
		return nil, err
	}
	return x, nil
}

// CosinePairs is the similarity a·b / (‖a‖‖b‖) of each row of a with the same row of b, the image–image similarity
// used with CLIP embeddings (Radford et al. 2021; the embeddings need not have unit length). One value in [−1, 1]
// an image, 1 for the same direction, higher is better. torchmetrics' CLIPScore is 100 times such a value.
// Sets of different size, values that are not finite and an embedding of length 0 are errors.
func CosinePairs(a, b *mat.Dense) ([]float64, error) {
	n, _, err := checkPair("first set", a, "second set", b)
	if err != nil {
		return nil, fmt.Errorf("cosine: %w", err)
	}
	if m, _ := b.Dims(); m != n {
		return nil, fmt.Errorf("cosine: first set has %d embeddings, second set %d: they are compared in pairs", n, m)
	}
	out := make([]float64, n)
	for i := range out {
		u, v := a.RawRowView(i), b.RawRowView(i)
		su, sv := scale(u), scale(v)
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

// scale is the largest magnitude of a row; dividing by it keeps squares from overflowing or vanishing.
func scale(row []float64) float64 {
	s := 0.0
	for _, v := range row {
		s = max(s, math.Abs(v))
	}
	return s
}

// checkSet refuses an absent or empty set and names the first value that is not finite.
func checkSet(name string, x *mat.Dense) (n, d int, err error) {
	if x == nil || x.IsEmpty() {
		return 0, 0, fmt.Errorf("%s is empty: at least one row is needed", name)
	}
	n, d = x.Dims()
	for i := range n {
		for j, v := range x.RawRowView(i) {
			if !finite(v) {
				return 0, 0, fmt.Errorf("%s: row %d has the value %v at coordinate %d: only finite values can be compared", name, i, v, j)
			}
		}
	}
	return n, d, nil
}

// checkPair checks two sets of embeddings, which must have the same number of coordinates d; n counts the first.
func checkPair(nx string, x *mat.Dense, ny string, y *mat.Dense) (n, d int, err error) {
	n, d, err1 := checkSet(nx, x)
	_, e, err2 := checkSet(ny, y)
	if err := errors.Join(err1, err2); err != nil {
		return 0, 0, err
	}
	if d != e {
		return 0, 0, fmt.Errorf("%s has %d coordinates, %s %d: both must come from the same features", nx, d, ny, e)
	}
	return n, d, nil
}

// gather copies the named rows, in that order.
func gather(x *mat.Dense, rows []int) (*mat.Dense, error) {
	n, d := x.Dims()
	if len(rows) == 0 {
		return nil, errors.New("no row is selected")
	}
	out := mat.NewDense(len(rows), d, nil)
	for i, r := range rows {
		if r < 0 || r >= n {
			return nil, fmt.Errorf("row %d of a set of %d embeddings does not exist", r, n)
		}
		out.SetRow(i, x.RawRowView(r))
	}
	return out, nil
}
