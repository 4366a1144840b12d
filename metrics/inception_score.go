package metrics

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/embeddings"
)

// ISVariant names how the images are divided into splits, where implementations differ when the number of splits
// does not divide the number of images.
type ISVariant string

const (
	// ISFidelity is torch-fidelity's and the original's rule: split i is the images i·N/splits … (i+1)·N/splits,
	// every image in exactly one. Its reports use Std(0).
	ISFidelity ISVariant = "torch-fidelity"
	// ISTorchmetrics is torchmetrics' rule (torch.chunk): ⌈N/splits⌉ images a split, the last one smaller, perhaps
	// fewer splits than asked for. Its reports use Std(1).
	ISTorchmetrics ISVariant = "torchmetrics"
)

// ISOptions says how many splits are made, by which rule, and in which order the images are taken: nil as they come,
// else a permutation (see Permutation). Splits are contiguous, so images sorted by class need one.
type ISOptions struct {
	Splits  int
	Variant ISVariant
	Order   []int
}

// InceptionScore is exp E[ KL( p(c|x) ‖ p(c) ) ] within each split (Salimans et al. 2016, section 4), from logits
// over K classes, one image a row: a value from 1 (all images alike or undecided) to K (decided and balanced).
// Higher is better. Softmax and sums are in float64. It is biased by the number of images a split has, so both
// belong to its identity, and only on the classifier of 2015-12-05 is it called IS.
// More splits than images, logits that are not finite, an unknown variant and an order that is no permutation are errors.
func InceptionScore(logits *mat.Dense, o ISOptions) (Resamples, error) {
	n, k, err := embeddings.Check("logits", logits)
	if err != nil {
		return nil, fmt.Errorf("inception score: %w", err)
	}
	p, h := mat.NewDense(n, k, nil), make([]float64, n)
	for i := range n {
		h[i] = softmax(p.RawRowView(i), logits.RawRowView(i))
	}
	return inceptionScore(p, h, o)
}

// InceptionScoreProbs is InceptionScore from probabilities; each row must be non-negative and sum to 1 within 1e−4.
// Part of the library, for classifiers that give no logits; an audit's gives them.
func InceptionScoreProbs(probs *mat.Dense, o ISOptions) (Resamples, error) {
	n, _, err := embeddings.Check("probabilities", probs)
	if err != nil {
		return nil, fmt.Errorf("inception score: %w", err)
	}
	h := make([]float64, n)
	for i := range n {
		sum := 0.0
		for c, v := range probs.RawRowView(i) {
			if v < 0 {
				return nil, fmt.Errorf("inception score: probability %v of class %d in row %d is negative: are these logits?", v, c, i)
			}
			sum += v
		}
		if math.Abs(sum-1) > 1e-4 {
			return nil, fmt.Errorf("inception score: the probabilities of row %d sum to %v, not 1: are these logits?", i, sum)
		}
		h[i] = entropy(probs.RawRowView(i))
	}
	return inceptionScore(probs, h, o)
}

// Permutation is a seeded order of n images.
func Permutation(n int, seed uint64) []int {
	return rand.New(rand.NewPCG(seed, isStream)).Perm(n)
}

const isStream = 0x6973 // "is": keeps these draws apart from others of the same seed

// inceptionScore takes the probabilities p and each row's entropy h.
// The mean divergence is the entropy of the mean less the mean of the entropies.
func inceptionScore(p *mat.Dense, h []float64, o ISOptions) (Resamples, error) {
	n, k := p.Dims()
	order, err := o.order(n)
	if err != nil {
		return nil, err
	}
	bounds, err := o.bounds(n)
	if err != nil {
		return nil, err
	}
	out := make(Resamples, 0, len(bounds)-1)
	for s, lo := range bounds[:len(bounds)-1] {
		rows := order[lo:bounds[s+1]]
		mean, own := make([]float64, k), 0.0
		for _, r := range rows {
			for c, v := range p.RawRowView(r) {
				mean[c] += v
			}
			own += h[r]
		}
		for c := range mean {
			mean[c] /= float64(len(rows))
		}
		out = append(out, math.Exp(max(0, entropy(mean)-own/float64(len(rows)))))
	}
	return out, nil
}

func (o ISOptions) order(n int) ([]int, error) {
	if o.Order != nil && len(o.Order) != n {
		return nil, fmt.Errorf("inception score: an order of %d places for %d images", len(o.Order), n)
	}
	order, seen := make([]int, n), make([]bool, n)
	for i := range order {
		order[i] = i
		if o.Order != nil {
			order[i] = o.Order[i]
		}
		if r := order[i]; r < 0 || r >= n || seen[r] {
			return nil, fmt.Errorf("inception score: the order has image %d at place %d, out of range or a second time", r, i)
		}
		seen[order[i]] = true
	}
	return order, nil
}

// bounds returns the first image of each split, and n at the end.
func (o ISOptions) bounds(n int) ([]int, error) {
	if o.Splits < 1 || o.Splits > n {
		return nil, fmt.Errorf("inception score: %d splits of %d images: from 1 to %d are possible", o.Splits, n, n)
	}
	var b []int
	switch o.Variant {
	case ISFidelity:
		for i := range o.Splits {
			b = append(b, i*n/o.Splits)
		}
	case ISTorchmetrics:
		size := (n + o.Splits - 1) / o.Splits
		for lo := 0; lo < n; lo += size {
			b = append(b, lo)
		}
	case "":
		return nil, errors.New("inception score: no variant is named: its splits differ between tools")
	default:
		return nil, fmt.Errorf("unknown inception score variant %q: one of %q, %q", string(o.Variant), ISFidelity, ISTorchmetrics)
	}
	return append(b, n), nil
}

// softmax writes the probabilities of a row of logits and returns their entropy in nats,
// from log-probabilities, which stay finite where a probability underflows to 0.
func softmax(dst, logits []float64) float64 {
	top := logits[0]
	for _, v := range logits {
		top = max(top, v)
	}
	sum := 0.0
	for c, v := range logits {
		dst[c] = math.Exp(v - top)
		sum += dst[c]
	}
	logSum, h := math.Log(sum), 0.0
	for c, v := range logits {
		dst[c] /= sum
		if dst[c] > 0 {
			h -= dst[c] * (v - top - logSum)
		}
	}
	return h
}

// entropy is −Σ p log p in nats, with 0 log 0 = 0.
func entropy(p []float64) float64 {
	h := 0.0
	for _, v := range p {
		if v > 0 {
			h -= v * math.Log(v)
		}
	}
	return h
}
