package outputs

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/tasks"
)

// Made is an input of given pictures, [N, 3, size, size] in [−1, 1] by part: what is true, and what a subject painted. A
// task hides what is to be painted; outside of it the painting is the truth. There is no original, no oracle and no
// feature: tests of metrics fill in what they need.
func Made(size int, t tasks.Task, truth, painted map[audit.Part][]float32) (*Input, error) {
	if err := t.Check(size); err != nil {
		return nil, err
	}
	st := &Stage{Size: size, Index: map[audit.Part][]int{}, Batch: map[audit.Part]corpus.Batch{}}
	subject := Model{}
	for _, p := range Parts {
		target, own := truth[p], painted[p]
		if len(target) == 0 && len(own) == 0 {
			continue
		}
		n := len(target) / (3 * size * size)
		if len(target) != n*3*size*size || len(own) != len(target) {
			return nil, fmt.Errorf("part %s: %d values are true and %d painted: want as many of both, 3·%d·%d for each image",
				p, len(target), len(own), size, size)
		}
		seeds := make([]uint64, n)
		for i := range seeds {
			seeds[i] = audit.Seed(uint64(i), "views", string(p))
			st.Index[p] = append(st.Index[p], i)
		}
		v, err := tasks.Apply(t, target, size, seeds)
		if err != nil {
			return nil, err
		}
		b := corpus.Batch{View: v, Target: target}
		images := append([]float32(nil), own...)
		compose(images, b)
		st.Batch[p], subject[p] = b, &Set{Images: images}
	}
	return &Input{Stage: st, Subject: subject}, nil
}
