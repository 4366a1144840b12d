package corpus

import "github.com/lethe-audit/lethe/internal/tasks"

// A Batch is degraded images with their targets, [N, 3, S, S].
type Batch struct {
	View   tasks.View
	Target []float32
}

// Slice is the images from lo on, before hi. It shares the batch's memory, and knows where it was cut from.
func (b Batch) Slice(lo, hi int) Batch {
	area := b.View.Size * b.View.Size
	return Batch{Target: b.Target[lo*3*area : hi*3*area], View: tasks.View{
		N: hi - lo, Size: b.View.Size, First: b.View.First + lo, Pixels: b.View.Pixels[lo*3*area : hi*3*area],
		Region: b.View.Region[lo*area : hi*area],
	}}
}

// Pick copies the images at some places, in the order of the places. A model that paints by sampling takes them for
// the first images of what the batch was cut from, whatever their places.
func (b Batch) Pick(places []int) Batch {
	area := b.View.Size * b.View.Size
	out := Batch{View: tasks.View{N: len(places), Size: b.View.Size, First: b.View.First}}
	for _, i := range places {
		out.View.Pixels = append(out.View.Pixels, b.View.Pixels[i*3*area:(i+1)*3*area]...)
		out.View.Region = append(out.View.Region, b.View.Region[i*area:(i+1)*area]...)
		out.Target = append(out.Target, b.Target[i*3*area:(i+1)*3*area]...)
	}
	return out
}

// Every copies each step-th image, beginning with the one at from: most of them at most.
func (b Batch) Every(from, step, most int) Batch {
	var places []int
	for i := from; i < b.View.N && len(places) < most; i += step {
		places = append(places, i)
	}
	return b.Pick(places)
}

// Places counts the first n: what [Batch.Pick] takes for them.
func Places(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
