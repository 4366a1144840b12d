package pixels

import (
	"fmt"
	"math"
)

// Filter is a resampling kernel of Pillow's. Its zero value is none.
type Filter int

// The kernels: Box averages; Bilinear is the triangle; Bicubic is Keys' cubic
// with a = −1/2; Lanczos is the sinc windowed by its first three lobes.
const (
	Box Filter = iota + 1
	Bilinear
	Bicubic
	Lanczos
)

var filterNames = []string{Box: "box", Bilinear: "bilinear", Bicubic: "bicubic", Lanczos: "lanczos"}

// ParseFilter finds a filter by its name.
func ParseFilter(name string) (Filter, error) {
	for f := Box; f <= Lanczos; f++ {
		if filterNames[f] == name {
			return f, nil
		}
	}
	return 0, fmt.Errorf("unknown filter %q: choose box, bilinear, bicubic or lanczos", name)
}

// kernel returns the weight function and its half width in source pixels.
func (f Filter) kernel() (weight func(float64) float64, support float64, err error) {
	switch f {
	case Box:
		return box, 0.5, nil
	case Bilinear:
		return triangle, 1, nil
	case Bicubic:
		return cubic, 2, nil
	case Lanczos:
		return lanczos3, 3, nil
	}
	return nil, 0, fmt.Errorf("unknown filter %d", int(f))
}

func box(x float64) float64 {
	if x > -0.5 && x <= 0.5 {
		return 1
	}
	return 0
}

func triangle(x float64) float64 { return max(0, 1-math.Abs(x)) }

// The conversions keep the compiler from fusing a product into a sum, which
// would make some machines' weights differ from others' in the last bit.
func cubic(x float64) float64 {
	const a = -0.5
	x = math.Abs(x)
	switch {
	case x < 1:
		return float64((float64((a+2)*x)-(a+3))*x*x) + 1
	case x < 2:
		return (float64((float64((x-5)*x)+8)*x) - 4) * a
	}
	return 0
}

func lanczos3(x float64) float64 {
	if x < -3 || x >= 3 {
		return 0
	}
	return sinc(x) * sinc(x/3)
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	x *= math.Pi
	return math.Sin(x) / x
}
