package sets

import (
	"errors"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/embeddings"
)

// momentsBlock is how many embeddings are gathered before they are folded into the moments: enough for the products to
// outweigh the additions of d×d matrices.
const momentsBlock = 512

// Moments gathers the mean and the covariance of a stream of embeddings in float64, in memory that does not grow with
// their number: a few d×d matrices and 512 embeddings. The zero value is empty and ready for use.
//
// The sizes of the batches change no bit of the result: embeddings are folded in blocks of 512. Their order, and
// merging parts, change it by rounding alone.
type Moments struct {
	d       int       // coordinates, 0 while nothing was seen
	whole   sums      // of the blocks that are complete
	pending []float64 // the embeddings after them
	unknown bool      // of how many embeddings: see MomentsOf
}

// Update adds a batch of embeddings, one a row. A batch of another dimension, or with values that are not finite,
// is an error and leaves the moments as they were.
func (m *Moments) Update(x *mat.Dense) error {
	n, d, err := embeddings.Check("batch", x)
	if err != nil {
		return err
	}
	if err := m.accepts(d); err != nil {
		return err
	}
	whole, kept, next := m.whole, len(m.pending), 0
	for kept/d+n-next >= momentsBlock {
		block := append(make([]float64, 0, momentsBlock*d), m.pending[:kept]...)
		for ; len(block) < momentsBlock*d; next++ {
			block = append(block, x.RawRowView(next)...)
		}
		if whole, err = whole.fold(mat.NewDense(momentsBlock, d, block)); err != nil {
			return err
		}
		kept = 0
	}
	m.d, m.whole, m.pending = d, whole, m.pending[:kept] // from here on nothing can fail
	for ; next < n; next++ {
		m.pending = append(m.pending, x.RawRowView(next)...)
	}
	return nil
}

// Merge adds what another Moments has seen. Different dimensions and statistics of an unknown number of embeddings
// are errors and leave the moments as they were. Part of the library, for sets that are read in shards.
func (m *Moments) Merge(o *Moments) error {
	if o == nil || o.d == 0 {
		return nil
	}
	if o.unknown {
		return errUnknownN
	}
	if err := m.accepts(o.d); err != nil {
		return err
	}
	a, err := m.settled()
	if err != nil {
		return err
	}
	b, err := o.settled()
	if err != nil {
		return err
	}
	m.d, m.whole, m.pending = o.d, a.plus(b, nil), nil
	return nil
}

// Compact folds in the embeddings that wait for their block to be complete, and with it gives their memory back: for
// when nothing more is expected. Later updates begin a new block.
func (m *Moments) Compact() error {
	if m.d == 0 || len(m.pending) == 0 {
		return nil
	}
	whole, err := m.whole.fold(m.block())
	if err != nil {
		return err
	}
	m.whole, m.pending = whole, nil
	return nil
}

// N is the number of embeddings seen, UnknownN for statistics that do not say.
func (m *Moments) N() int {
	if m.unknown || m.d == 0 {
		return UnknownN
	}
	return m.whole.n + len(m.pending)/m.d
}

// Mean returns a copy of the mean, nil where nothing was seen.
func (m *Moments) Mean() []float64 {
	if len(m.pending) == 0 {
		return append([]float64(nil), m.whole.mean...)
	}
	block := m.block()
	n, _ := block.Dims()
	mean, _ := joinMeans(m.whole, sums{n: n, mean: columnMeans(block)})
	return mean
}

// Covariance returns the covariance with divisor n−1. Fewer than two embeddings have none.
func (m *Moments) Covariance() (*mat.SymDense, error) {
	s, err := m.settled()
	if err != nil {
		return nil, err
	}
	divisor, err := m.divisor()
	if err != nil {
		return nil, err
	}
	c := mat.NewSymDense(len(s.mean), nil)
	for i := range s.mean {
		row, from := c.RawSymmetric().Data[i*len(s.mean):], s.scatter.RawRowView(i)
		for j := i; j < len(s.mean); j++ {
			row[j] = from[j] / divisor
		}
	}
	return c, nil
}

// divisor is n−1, or 1 where the scatter is a covariance already.
func (m *Moments) divisor() (float64, error) {
	if m.unknown {
		return 1, nil
	}
	if n := m.N(); n < 2 {
		return 0, fmt.Errorf("covariance of %d embeddings: at least 2 are needed", n)
	}
	return float64(m.N() - 1), nil
}

var errUnknownN = errors.New("moments of an unknown number of embeddings cannot be merged with others: they have no weight")

func (m *Moments) accepts(d int) error {
	if m.unknown {
		return errUnknownN
	}
	if have := m.d; have != 0 && have != d {
		return fmt.Errorf("moments of embeddings of %d coordinates cannot take embeddings of %d", have, d)
	}
	return nil
}

// settled is everything seen so far.
func (m *Moments) settled() (sums, error) {
	if len(m.pending) == 0 {
		return m.whole, nil
	}
	return m.whole.fold(mat.DenseCopyOf(m.block()))
}

// block lies over the embeddings that are pending.
func (m *Moments) block() *mat.Dense { return mat.NewDense(len(m.pending)/m.d, m.d, m.pending) }
