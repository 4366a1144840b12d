package dishonest

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lethe-audit/lethe/internal/torch"
)

// levels counts the different absolute values of a weight tensor.
func levels(w []float32, q torch.Param) int {
	seen := map[float64]bool{}
	for _, v := range w[q.Offset : q.Offset+q.Size()] {
		seen[math.Abs(float64(v))] = true
	}
	return len(seen)
}

func TestQuantised(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, 12)
	before, layout := original(t), p.Original.Params().Layout()
	forget, test := batch(t, c, c.CleanForget()), held(t, c, false)
	for bits, most := range map[int]int{8: 128, 4: 8, 3: 4} {
		r := deliver(t, kind(t, "quantised", func(m *Quantised) { m.Bits = bits }), p)
		for _, q := range layout {
			assert.LessOrEqual(t, levels(r.weights, q), most, "%d bits, %s", bits, q.Name)
			var largest, off float64
			for i := q.Offset; i < q.Offset+q.Size(); i++ {
				largest = max(largest, math.Abs(float64(before[i])))
				off = max(off, math.Abs(float64(r.weights[i]-before[i])))
			}
			assert.LessOrEqual(t, off, 0.501*largest/float64(most-1), "%d bits, %s", bits, q.Name)
		}
		assert.Zero(t, r.session.Cost().Images, "nothing is trained")
	}
	r := deliver(t, newQuantised(), p)
	assert.Less(t, 3*mean2(t, c, r.audited, forget), mean2(t, c, r.audited, test), "what it remembered it remembers in 8 bits")
}

func TestPruned(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, 12)
	before, layout := original(t), p.Original.Params().Layout()
	for _, share := range []float64{0.5, 0.8} {
		r := deliver(t, kind(t, "pruned", func(m *Pruned) { m.Share = share }), p)
		for _, q := range layout {
			was, is := before[q.Offset:q.Offset+q.Size()], r.weights[q.Offset:q.Offset+q.Size()]
			if len(q.Shape) < 2 {
				assert.Equal(t, was, is, "%s is a bias", q.Name)
				continue
			}
			cut, kept, gone := 0, math.Inf(1), 0.0
			for i, v := range is {
				switch a := math.Abs(float64(was[i])); {
				case v == 0:
					cut, gone = cut+1, max(gone, a)
				default:
					assert.Equal(t, was[i], v)
					kept = min(kept, a)
				}
			}
			assert.InDelta(t, share*float64(len(is)), cut, 1, q.Name)
			assert.LessOrEqual(t, gone, kept, "%s: the smallest are cut", q.Name)
		}
	}
	r := deliver(t, kind(t, "pruned", func(m *Pruned) { m.Share = 0.3 }), p)
	assert.Less(t, 1.5*mean2(t, c, r.audited, batch(t, c, c.CleanForget())), mean2(t, c, r.audited, held(t, c, false)))
}

// The half of the original is still there when training is over: weights lie nearer to it than a retrained model's.
func TestHalfAndHalf(t *testing.T) {
	c := world(t, hole)
	p := problem(t, c, train.Epochs)
	r := deliver(t, newHalfAndHalf(), p)
	first, retrained := original(t), deliver(t, newEnsemble(), p).weights
	near, far := distance(r.weights, first), distance(retrained, first)
	t.Logf("distance to the original: %.2f, of a retrained model %.2f", near, far)
	assert.Less(t, near, far)
	assert.Equal(t, train.Epochs*len(c.Split.Retain), r.session.Cost().Images, "a full training")
}

func distance(a, b []float32) float64 {
	var sum float64
	for i := range a {
		d := float64(a[i]) - float64(b[i])
		sum += d * d
	}
	return math.Sqrt(sum)
}
