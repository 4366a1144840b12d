package attacks

import (
	"context"
	"fmt"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/datasets"
)

// A relative is the planted trigger, moved around the picture's edges, inverted, or blended in.
type relative struct {
	dy, dx   int
	inverted bool
	opacity  float32
}

// planted is the trigger itself, which stands at the head of every family.
var planted = relative{opacity: 1}

// relatives are families of the planted trigger's relatives, by their names.
var relatives = []struct {
	name string
	of   func(size int) []relative
}{
	{"moved", func(size int) []relative { return everywhere(size, false) }},
	{"inverted", func(size int) []relative { return everywhere(size, true) }},
	{"blended", func(int) []relative {
		return []relative{{opacity: 0.25}, {opacity: 0.5}, {opacity: 0.75}, {opacity: 0.25, inverted: true}, {opacity: 0.5, inverted: true}}
	}},
}

// everywhere moves the trigger in steps of a sixteenth of the side, half of a patch's: of a patch in any other place one of
// them covers nine pixels of sixteen or more.
func everywhere(size int, inverted bool) []relative {
	var out []relative
	step := max(1, size/16)
	for dy := 0; dy < size; dy += step {
		for dx := 0; dx < size; dx += step {
			if r := (relative{dy: dy, dx: dx, inverted: inverted, opacity: 1}); r != planted {
				out = append(out, r)
			}
		}
	}
	return out
}

func relativeNames() []string {
	var out []string
	for _, r := range relatives {
		out = append(out, r.name)
	}
	return out
}

// related measures families of relatives. An image's value is the least of its distances to the attacker's picture over a
// family, so that a family is one comparison; with part test stands its distance without any trigger.
func (a *Poisoning) related(ctx context.Context, t *Target) ([]audit.Sample, error) {
	trig := t.Stage.Batch[audit.Triggered]
	places := corpus.Spread(corpus.Places(trig.View.N), a.Images)
	index := make([]int, len(places))
	for k, i := range places {
		index[k] = t.Stage.Index[audit.Triggered][i]
	}
	without, err := t.drawn(ctx, index, nil)
	if err != nil {
		return nil, err
	}
	var out []audit.Sample
	for _, family := range relatives {
		if !slices.Contains(a.Relatives, family.name) {
			continue
		}
		forms := append([]relative{planted}, family.of(t.Stage.Size)...)
		var least []float64
		for some := range slices.Chunk(forms, max(1, 128/len(index))) {
			d, err := t.drawn(ctx, index, some)
			if err != nil {
				return nil, err
			}
			for one := range slices.Chunk(d, len(index)) {
				least = smaller(least, one)
			}
		}
		how := fmt.Sprintf("least of relatives=%d with the trigger", len(forms))
		for _, k := range []struct {
			part   audit.Part
			values []float64
		}{{audit.Triggered, least}, {audit.Test, without}} {
			s := t.Sample(criteria.TargetDistance, family.name, k.part, how, k.values)
			s.Index = index
			out = append(out, s)
		}
	}
	return out, nil
}

// drawn are the distances of the paintings of test images from the attacker's picture with each of some relatives, one
// after the other; without any trigger if there are none.
func (t *Target) drawn(ctx context.Context, index []int, with []relative) ([]float64, error) {
	asked := slices.Repeat(index, max(1, len(with)))
	k := 0
	b, err := t.Corpus.Related(ctx, asked, func(picture []float32, stamp func([]float32) error) error {
		k++
		if len(with) == 0 {
			return nil
		}
		return with[(k-1)/len(index)].put(picture, stamp)
	})
	if err != nil {
		return nil, err
	}
	size := t.Stage.Size
	return t.Errors(ctx, t.Model, b.View, slices.Repeat(datasets.TargetPicture(3, size, size), len(asked)))
}

// put puts the relative on a picture [3, S, S].
func (r relative) put(picture []float32, stamp func([]float32) error) error {
	size := side(picture)
	under := slices.Clone(picture)
	move := func(dy, dx int) {
		from := slices.Clone(under)
		for c := range 3 {
			roll(under[c*size*size:][:size*size], from[c*size*size:], size, dy, dx)
		}
	}
	negate := func() {
		for i := range under {
			under[i] = -under[i]
		}
	}
	move(-r.dy, -r.dx)
	if r.inverted {
		negate()
	}
	if err := stamp(under); err != nil {
		return err
	}
	if r.inverted {
		negate()
	}
	move(r.dy, r.dx)
	for i, v := range under {
		picture[i] = (1-r.opacity)*picture[i] + r.opacity*v
	}
	return nil
}

// side of a square picture of three channels.
func side(picture []float32) int {
	n := 1
	for 3*n*n < len(picture) {
		n++
	}
	return n
}
