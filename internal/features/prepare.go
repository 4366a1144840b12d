package features

import (
	"fmt"
	"strings"

	"github.com/lethe-audit/lethe/internal/pixels"
)

// A Preparation turns a picture into a network's input: it is resized, or not, and every channel of grey levels
// 0…255 becomes (v − Mean)/Scale.
type Preparation struct {
	Resize pixels.Resampler // 0 for none
	Size   int              // the side; where nothing is resized, the side that pictures must have, or 0 for any
	Mean   [3]float32
	Scale  [3]float32
	BGR    bool // blue first, as Caffe's networks take it
}

// Ranges of grey levels that networks take.
var (
	unit   = Preparation{Scale: [3]float32{255, 255, 255}}                                              // [0, 1]
	signed = Preparation{Mean: [3]float32{127.5, 127.5, 127.5}, Scale: [3]float32{127.5, 127.5, 127.5}} // [−1, 1]
	whole  = Preparation{Scale: [3]float32{1, 1, 1}}                                                    // [0, 255]
)

// to is the preparation with pictures resized.
func (p Preparation) to(r pixels.Resampler, size int) Preparation {
	p.Resize, p.Size = r, size
	return p
}

// name says what is done to images besides scaling them to [0, 1].
func (p Preparation) name(span string) string {
	var steps []string
	if p.Resize != 0 {
		steps = append(steps, fmt.Sprintf("%s-%d", p.Resize, p.Size))
	}
	if span != "" {
		steps = append(steps, span)
	}
	return strings.Join(steps, ", ")
}

// Planes writes the network's input for one picture, [3, side, side].
func (p Preparation) Planes(dst []float32, m pixels.Image) error {
	switch {
	case p.Resize != 0:
		if err := p.Resize.Planes(dst, m, p.Size, p.Size); err != nil {
			return err
		}
	case p.Size != 0 && (m.W != p.Size || m.H != p.Size):
		return fmt.Errorf("a picture of %d×%d pixels: these features take %d×%d and resize none", m.W, m.H, p.Size, p.Size)
	case m.W != m.H || len(dst) != 3*m.W*m.H:
		return fmt.Errorf("a picture of %d×%d pixels, room for %d values: these features take squares and resize none", m.W, m.H, len(dst))
	default:
		for i, v := range pixels.Planes(m) {
			dst[i] = float32(v)
		}
	}
	p.scale(dst)
	return nil
}

// floats prepares images [n, 3, size, size] in [−1, 1]: they are rounded to bytes only where they are resized, as a
// file reader would see them.
func (p Preparation) floats(images []float32, n, size int) ([]float32, int, error) {
	side, px := size, 3*size*size
	if p.Resize != 0 {
		side = p.Size
	}
	out := make([]float32, n*3*side*side)
	for i := range n {
		dst, src := out[i*3*side*side:(i+1)*3*side*side], images[i*px:(i+1)*px]
		if p.Resize != 0 {
			m, err := pixels.FromFloat(src, size, size)
			if err != nil {
				return nil, 0, err
			}
			if err := p.Planes(dst, m); err != nil {
				return nil, 0, err
			}
			continue
		}
		for k, v := range src {
			dst[k] = (v + 1) * 127.5
		}
		p.scale(dst)
	}
	return out, side, nil
}

// scale works on one picture's planes.
func (p Preparation) scale(planes []float32) {
	n := len(planes) / 3
	for c := range 3 {
		mean, scale := p.Mean[c], p.Scale[c]
		for i := c * n; i < (c+1)*n; i++ {
			planes[i] = (planes[i] - mean) / scale
		}
	}
	if p.BGR {
		for i := range n {
			planes[i], planes[2*n+i] = planes[2*n+i], planes[i]
		}
	}
}
