package pixels

import (
	"fmt"
	"slices"
	"strings"
)

// Resampler is one of the ways in which the field turns pictures of any size into
// an embedding's input. They differ by several grey levels, so that a figure
// carries its resampler's name. The zero value is none.
type Resampler int

// The resamplers. Pillow's round to bytes after each pass; the others give floats.
const (
	// The bytes of Pillow 9.4's Image.resize; see [Resize].
	PillowBox Resampler = iota + 1
	PillowBilinear
	PillowBicubic
	PillowLanczos

	// CleanFID is Pillow's bicubic on each colour as float32, never rounded, clipped to 0…255 (clean-fid, make_resizer).
	CleanFID

	// TF1Bilinear is TensorFlow 1's: corners at the origin, no antialiasing (torch-fidelity,
	// interpolate_bilinear_2d_like_tensorflow1x).
	TF1Bilinear

	// torch's interpolate with align_corners=False, without and with antialiasing; pytorch-fid uses the first. The
	// cubics are Keys' with a = −3/4 and −1/2, and leave 0…255 at edges.
	TorchBilinear
	TorchBicubic
	TorchBilinearAA
	TorchBicubicAA

	// CLIP is Pillow's bicubic of the shorter side, then the middle (openai/CLIP, _transform).
	CLIP
)

var resamplerNames = []string{
	PillowBox: "pillow-box", PillowBilinear: "pillow-bilinear", PillowBicubic: "pillow-bicubic",
	PillowLanczos: "pillow-lanczos", CleanFID: "clean-fid", TF1Bilinear: "tf1-bilinear",
	TorchBilinear: "torch-bilinear", TorchBicubic: "torch-bicubic", TorchBilinearAA: "torch-bilinear-aa",
	TorchBicubicAA: "torch-bicubic-aa", CLIP: "clip",
}

// ParseResampler finds a resampler by its name.
func ParseResampler(name string) (Resampler, error) {
	if i := slices.Index(resamplerNames, name); i > 0 {
		return Resampler(i), nil
	}
	return 0, fmt.Errorf("unknown resampler %q: choose %s", name, strings.Join(resamplerNames[1:], ", "))
}

// Resamplers lists them all, in the order of their names in errors, for tests.
func Resamplers() []Resampler {
	var all []Resampler
	for r := PillowBox; int(r) < len(resamplerNames); r++ {
		all = append(all, r)
	}
	return all
}

// String is the resampler's name, part of a figure's identity.
func (r Resampler) String() string {
	if r < PillowBox || int(r) >= len(resamplerNames) {
		return fmt.Sprintf("resampler %d", int(r))
	}
	return resamplerNames[r]
}

// filter is Pillow's kernel of a resampler that gives Pillow's bytes.
func (r Resampler) filter() (Filter, bool) {
	switch r {
	case PillowBox:
		return Box, true
	case PillowBilinear:
		return Bilinear, true
	case PillowBicubic:
		return Bicubic, true
	case PillowLanczos:
		return Lanczos, true
	}
	return 0, false
}

// Planes resamples m to w×h and writes three planes (red, green, blue) of h×w
// values in grey levels, 0…255, to dst, which must hold exactly 3·h·w of them. A
// side that keeps its length keeps its values. The same picture gives the same
// bits on every processor.
//
// [CLIP] takes squares only; a picture too long and thin for it is an error, as
// is an empty picture or size.
func (r Resampler) Planes(dst []float32, m Image, w, h int) error {
	if err := checkResize(m, w, h); err != nil {
		return err
	}
	if int64(w) > int64(DefaultLimit)/int64(h) || len(dst) != 3*w*h {
		return fmt.Errorf("resize to %d×%d pixels: room for %d values given", w, h, len(dst))
	}
	if f, ok := r.filter(); ok {
		return pillowPlanes(dst, m, w, h, f)
	}
	if r == CLIP {
		if w != h {
			return fmt.Errorf("resize to %d×%d pixels: clip makes squares only", w, h)
		}
		m, err := Square(m, w, Bicubic)
		if err != nil {
			return err
		}
		toPlanes(dst, m)
		return nil
	}
	if r == TF1Bilinear {
		tf1Planes(dst, m, w, h)
		return nil
	}
	across, err := r.axis(m.W, w)
	if err != nil {
		return err
	}
	down, err := r.axis(m.H, h)
	if err != nil {
		return err
	}
	floatPlanes(dst, m, &across, &down)
	if r == CleanFID {
		clip(dst)
	}
	return nil
}

func (r Resampler) axis(in, out int) (axis, error) {
	switch r {
	case CleanFID:
		return pillowAxis(in, out, Bicubic)
	case TorchBilinear:
		return torchBilinear(in, out), nil
	case TorchBicubic:
		return torchBicubic(in, out), nil
	case TorchBilinearAA:
		return torchAntialiased(in, out, 1, triangle32), nil
	case TorchBicubicAA:
		return torchAntialiased(in, out, 2, keys32), nil
	}
	return axis{}, fmt.Errorf("%s: choose one of %s", r, strings.Join(resamplerNames[1:], ", "))
}
