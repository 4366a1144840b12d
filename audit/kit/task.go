package kit

import "github.com/lethe-audit/lethe/internal/tasks"

// Task is what a task implements: what a model is shown of an image, and which pixels it must paint. Its entry goes into
// Catalogue.Tasks.
type Task = tasks.Task

// Inpaint is the task of a centred square hole, for tests.
type Inpaint = tasks.Inpaint

// Apply degrades images [n, 3, s, s]. Image i draws from a generator of its own, seeded by seeds[i].
func Apply(t Task, images []float32, s int, seeds []uint64) (View, error) {
	return tasks.Apply(t, images, s, seeds)
}
