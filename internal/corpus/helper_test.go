package corpus

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
)

var ctx = context.Background()

// still is a set of given pictures.
type still struct {
	c, size int
	pix     [][]float32
}

func (s *still) Name() string         { return "still" }
func (s *still) Len() int             { return len(s.pix) }
func (s *still) Shape() (c, h, w int) { return s.c, s.size, s.size }
func (s *still) Label(int) int        { return 0 }
func (s *still) Classes() []string    { return []string{"all"} }
func (s *still) Hash(i int) ([sha256.Size]byte, error) {
	return sha256.Sum256(fmt.Append(nil, s.pix[i])), nil
}

func (s *still) Read(_ context.Context, dst []float32, idx []int) error {
	n := s.c * s.size * s.size
	for k, i := range idx {
		copy(dst[k*n:(k+1)*n], s.pix[i])
	}
	return nil
}

// random draws n pictures whose values are never 0 and never ±1, the trigger's.
func random(n, size int, seed uint64) *still {
	r := rand.New(rand.NewPCG(seed, 0))
	s := &still{c: 3, size: size}
	for range n {
		p := make([]float32, 3*size*size)
		for i := range p {
			p[i] = float32(0.1 + 0.8*r.Float64())
		}
		s.pix = append(s.pix, p)
	}
	return s
}

// split of 16 training images, of which 4 are to be forgotten, and 2 of these poisoned.
func split() datasets.Split {
	return datasets.Split{
		Retain: []int{0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 12, 13}, Forget: []int{4, 11, 14, 15}, Poisoned: []int{4, 14}, Test: []int{0, 2, 3, 5},
	}
}

func open(t testing.TB, task tasks.Task, size int) *Corpus {
	t.Helper()
	c, err := New(random(16, size, 1), random(6, size, 2), split(), task, torch.CPU, 7)
	require.NoError(t, err)
	return c
}

// picture is picture i of a set.
func picture(t testing.TB, s datasets.Set, i int) []float32 {
	t.Helper()
	_, h, _ := s.Shape()
	out := make([]float32, 3*h*h)
	require.NoError(t, s.Read(ctx, out, []int{i}))
	return out
}

// part is image k's stretch of a stack of three planes.
func part(v []float32, k, size int) []float32 { return v[k*3*size*size : (k+1)*3*size*size] }
