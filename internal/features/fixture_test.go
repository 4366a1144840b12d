package features

import (
	"context"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/checkpoint"
	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/golden"
	"github.com/lethe-audit/lethe/internal/torch"
)

// glyphs reads n procedural glyphs that no audit uses.
func glyphs(t *testing.T, n int, stream uint64) ([]float32, []int64) {
	t.Helper()
	set, err := datasets.Glyphs(n, fixtureSide, 20250204, stream)
	require.NoError(t, err)
	idx := make([]int, n)
	labels := make([]int64, n)
	for i := range idx {
		idx[i], labels[i] = i, int64(set.Label(i))
	}
	x := make([]float32, n*3*fixtureSide*fixtureSide)
	require.NoError(t, set.Read(context.Background(), x, idx))
	return x, labels
}

// TestFixtureClassifies holds the embedded weights to 70 % of held-out glyphs (ten classes).
// With -update it trains them: 40,000 glyphs, 20 epochs, seed 1.
func TestFixtureClassifies(t *testing.T) {
	if golden.Update() {
		trainFixture(t)
	}
	e, err := (&Fixture{}).Open(torch.CPU)
	require.NoError(t, err)
	defer e.Free()
	x, labels := glyphs(t, 500, 1)
	v, err := e.Extract(context.Background(), x, len(labels), fixtureSide)
	require.NoError(t, err)
	require.Equal(t, fixtureDim, v.Dim)
	right := 0
	for i, want := range labels {
		best := 0
		for k := range v.Classes {
			if v.Logits[i*v.Classes+k] > v.Logits[i*v.Classes+best] {
				best = k
			}
		}
		if int64(best) == want {
			right++
		}
	}
	t.Logf("%d of %d", right, len(labels))
	require.Greater(t, right, len(labels)*70/100)
}

func trainFixture(t *testing.T) {
	const n, batch, epochs = 40000, 100, 20
	x, labels := glyphs(t, n, 0)
	px := 3 * fixtureSide * fixtureSide
	l := fixtureLayout()
	p, err := torch.NewParams(torch.CPU, l, 1)
	require.NoError(t, err)
	defer p.Free()
	opt, err := torch.NewAdam(p, 0, l.Size())
	require.NoError(t, err)
	defer opt.Free()
	for e := range epochs {
		order := rand.New(rand.NewPCG(1, uint64(e))).Perm(n)
		for k := 0; k < n; k += batch {
			bx, by := make([]float32, 0, batch*px), make([]int64, 0, batch)
			for _, i := range order[k : k+batch] {
				bx, by = append(bx, x[i*px:(i+1)*px]...), append(by, labels[i])
			}
			done := float64(e*n+k) / float64(epochs*n)
			require.NoError(t, torch.With(torch.CPU, func(s *torch.Scope) error {
				_, logits := fixtureForward(s, p.Bind(s), s.FromFloats(bx, batch, 3, fixtureSide, fixtureSide))
				loss := s.CrossEntropy(logits, s.FromInts(by, batch))
				opt.Step(s, s.Gradient(loss, p.Flat()), 2e-3*(1+math.Cos(math.Pi*done))/2)
				return nil
			}))
		}
	}
	values, err := p.Values()
	require.NoError(t, err)
	arrays := map[string]checkpoint.Array{}
	for _, q := range l {
		arrays[q.Name] = checkpoint.Array{Shape: q.Shape, Values: values[q.Offset : q.Offset+q.Size()]}
	}
	require.NoError(t, checkpoint.Save("fixture.safetensors", arrays, nil))
	b, err := os.ReadFile(filepath.Clean("fixture.safetensors"))
	require.NoError(t, err)
	fixtureWeights = b
}
