package methods

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/models"
)

// TestAscentOnOnePart moves the weights of that part and no other, with either optimiser.
func TestAscentOnOnePart(t *testing.T) {
	c := pool(t)
	p := problem(t, c, 1)
	w, err := trained()
	require.NoError(t, err)
	for _, optimizer := range []string{"adam", "sgd"} {
		for _, part := range []string{"encoder", "decoder", "both"} {
			m := newDecouple()
			m.AscentSteps, m.Optimizer, m.Part = 3, optimizer, part
			up := model(t, c, w, 0)
			climb(t, m, p, session(t, up), 1e9)
			v, err := up.Params().Values()
			require.NoError(t, err)
			changed := map[string]bool{}
			for i := range v {
				if v[i] != w[i] {
					if i < up.EncoderSize() {
						changed["encoder"] = true
					} else {
						changed["decoder"] = true
					}
				}
			}
			assert.Equal(t, map[string]bool{"encoder": part != "decoder", "decoder": part != "encoder"},
				map[string]bool{"encoder": changed["encoder"], "decoder": changed["decoder"]}, "%s on %s", optimizer, part)
		}
	}
}

// whole is a model without parts.
type whole struct{ models.Model }

func TestAscentWantsTheParts(t *testing.T) {
	c := pool(t)
	p := problem(t, c, 1)
	m := newDecouple()
	m.Part = "encoder"
	_, err := m.Unlearn(ctx, p, session(t, whole{model(t, c, nil, 1)}))
	require.ErrorIs(t, err, ErrUnfit)
}

// TestDistillation: towards the original's paintings, retention takes the model nearer to them than towards the images.
func TestDistillation(t *testing.T) {
	c := pool(t)
	p := problem(t, c, 1)
	b, err := c.Measuring(ctx, c.Split.Retain)
	require.NoError(t, err)
	first, err := c.Generate(ctx, p.Original, b.View)
	require.NoError(t, err)
	apart := map[string]float64{}
	for _, retention := range []string{"reconstruction", "distillation"} {
		m := newDecouple()
		m.Lambda, m.AscentSteps, m.FinishEffort, m.Retention = 3, 10, 0.1, retention
		now, err := c.Generate(ctx, unlearn(t, m, p).model, b.View)
		require.NoError(t, err)
		apart[retention] = corpus.Mean(corpus.Displacement(first, now, b.View.Region, b.View.Size))
	}
	assert.Less(t, apart["distillation"], apart["reconstruction"])
}

// TestLambdaFromAnOODScore by hand, for the median and for another quantile.
func TestLambdaFromAnOODScore(t *testing.T) {
	c := pool(t)
	p := problem(t, c, 1)
	squares := func(b corpus.Batch, err error) []float64 {
		require.NoError(t, err)
		y, err := c.Generate(ctx, p.Original, b.View)
		require.NoError(t, err)
		return corpus.SquaredDistance(y, b.Target, b.View.Region, b.View.Size)
	}
	forget, unseen := squares(p.Bench.Measuring(ctx, p.Bench.Forget())), squares(p.Bench.Measuring(ctx, p.Bench.Unseen()))
	require.Len(t, unseen, 8)
	largest := 0.0
	for _, e := range unseen {
		largest = max(largest, e)
	}
	var want float64
	for _, e := range forget {
		want += math.Sqrt(largest) - math.Sqrt(e)
	}
	got, err := oodLambda(ctx, p, 0.9999)
	require.NoError(t, err)
	assert.InEpsilon(t, want/float64(len(forget)), got, 0.01)
	median, err := oodLambda(ctx, p, 0.5)
	require.NoError(t, err)
	assert.Less(t, median, got)
	assert.Positive(t, median, "unseen images have larger errors than forget images here")

	m := newDecouple()
	m.LambdaFrom, m.AscentLR, m.FinishEffort = "ood", 5e-4, 0.01
	p.Lambda = 0 // no oracles
	r := unlearn(t, m, p)
	assert.Contains(t, r.notes[0], "λ = ")
	path := curve(t, r.session, "displacement")
	assert.GreaterOrEqual(t, path[len(path)-2], median, "the ascent ends there")
}
