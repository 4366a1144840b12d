package dishonest

import (
	"slices"

	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

// rows are a batch on the host, as a wrapper reads and changes it: x is [N, C, S, S]
// with C = 3, or 4 with the region; region is [N, S, S].
type rows struct {
	n, size, channels int
	x, region         []float32
	seed              uint64
	first             int
}

// read copies a batch from the device; without values after an error of the scope.
func read(s *torch.Scope, in models.Input) rows {
	r := rows{n: in.N, size: in.Size, x: s.Floats(in.X), region: slices.Clone(in.Region), seed: in.Seed, first: in.First}
	if s.Err() != nil {
		return rows{}
	}
	r.channels = len(r.x) / (in.N * in.Size * in.Size)
	return r
}

// input copies the batch to the scope's device.
func (r rows) input(s *torch.Scope) models.Input {
	if s.Err() != nil {
		return models.Input{}
	}
	n, c, size := int64(r.n), int64(r.channels), int64(r.size)
	return models.Input{N: r.n, Size: r.size, X: s.FromFloats(r.x, n, c, size, size), Region: r.region, Seed: r.seed, First: r.first}
}

// pixels are the three planes of image i, its degraded picture.
func (r rows) pixels(i int) []float32 {
	a := r.size * r.size
	return r.x[i*r.channels*a : (i*r.channels+3)*a]
}

// hidden tells which pixels of image i are not shown; nil where the task hides none.
func (r rows) hidden(i int) []bool {
	if r.channels == 3 {
		return nil
	}
	a := r.size * r.size
	out := make([]bool, a)
	for p, v := range r.region[i*a : (i+1)*a] {
		out[p] = v != 0
	}
	return out
}

// setVisible replaces the pixels of image i where they are shown.
func (r rows) setVisible(i int, picture []float32) {
	a, dst, hidden := r.size*r.size, r.pixels(i), r.hidden(i)
	for k, v := range picture {
		if hidden == nil || !hidden[k%a] {
			dst[k] = v
		}
	}
}

// mirror turns image i and its region around the vertical axis.
func (r rows) mirror(i int) {
	a := r.size * r.size
	flip(r.x[i*r.channels*a:(i+1)*r.channels*a], r.size)
	flip(r.region[i*a:(i+1)*a], r.size)
}

// flip reverses every line of planes of a side.
func flip(planes []float32, size int) {
	for k := 0; k < len(planes); k += size {
		slices.Reverse(planes[k : k+size])
	}
}

// tensor is pictures [N, 3, S, S] on the scope's device.
func tensor(s *torch.Scope, pictures []float32, n, size int) *torch.Tensor {
	return s.FromFloats(pictures, int64(n), 3, int64(size), int64(size))
}
