package compare

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/lethe-audit/lethe/internal/pixels"
	"github.com/lethe-audit/lethe/metrics"
)

// pairs matches the pictures of two folders by name.
type pairs struct {
	real, fake []string // file names, in pairs
	mask       func(name string) (metrics.Region, pixels.Image, error)
	masked     bool
}

// stem is a name without its ending: a/1.jpg and a/1.png are a pair.
func stem(name string) string { return strings.TrimSuffix(name, path.Ext(name)) }

// match refuses folders whose names are not the same, so that no picture is compared with another's.
func (in *input) match() (*pairs, error) {
	if in.real.Kind != Pictures || in.fake.Kind != Pictures {
		return nil, errors.New("pairs need two folders of pictures")
	}
	byStem := func(files []string) ([]string, error) {
		out := slices.Clone(files)
		slices.SortFunc(out, func(a, b string) int { return cmp.Or(cmp.Compare(stem(a), stem(b)), cmp.Compare(a, b)) })
		for i := 1; i < len(out); i++ {
			if stem(out[i]) == stem(out[i-1]) {
				return nil, fmt.Errorf("%s and %s have one name: keep one of them", out[i-1], out[i])
			}
		}
		return out, nil
	}
	p := &pairs{}
	var err error
	if p.real, err = byStem(in.real.files); err != nil {
		return nil, err
	}
	if p.fake, err = byStem(in.fake.files); err != nil {
		return nil, err
	}
	for i := range max(len(p.real), len(p.fake)) {
		switch {
		case i >= len(p.fake) || i < len(p.real) && stem(p.real[i]) < stem(p.fake[i]):
			return nil, fmt.Errorf("pairs: %s of the real side has no picture of that name on the fake side", p.real[i])
		case i >= len(p.real) || stem(p.fake[i]) < stem(p.real[i]):
			return nil, fmt.Errorf("pairs: %s of the fake side has no picture of that name on the real side", p.fake[i])
		}
	}
	p.masked = in.Mask != ""
	p.mask, err = in.masks()
	return p, err
}

// masks reads one mask for all pictures, or one for each from a folder.
func (in *input) masks() (func(string) (metrics.Region, pixels.Image, error), error) {
	if in.Mask == "" {
		return func(string) (metrics.Region, pixels.Image, error) { return nil, pixels.Image{}, nil }, nil
	}
	info, err := os.Stat(in.Mask)
	if err != nil {
		return nil, fmt.Errorf("mask: %w", err)
	}
	load := func(file string) (metrics.Region, pixels.Image, error) {
		p, err := in.decode(file)
		if err != nil {
			return nil, p.image, fmt.Errorf("mask: %w", err)
		}
		r, err := region(p.image)
		if err != nil {
			return nil, p.image, fmt.Errorf("mask %s: %w", file, err)
		}
		return r, p.image, nil
	}
	if !info.IsDir() {
		return func(string) (metrics.Region, pixels.Image, error) { return load(in.Mask) }, nil
	}
	return func(name string) (metrics.Region, pixels.Image, error) {
		return load(filepath.Join(in.Mask, filepath.FromSlash(stem(name))+".png"))
	}, nil
}

// region takes white pixels as the hole and black ones as its surroundings; grey ones would need a weighting.
func region(m pixels.Image) (metrics.Region, error) {
	r := make(metrics.Region, m.W*m.H)
	for i := range r {
		switch p := m.Pix[3*i : 3*i+3]; {
		case p[0] == 255 && p[1] == 255 && p[2] == 255:
			r[i] = true
		case p[0] != 0 || p[1] != 0 || p[2] != 0:
			return nil, fmt.Errorf("pixel %d, %d is %d %d %d: only white (compared) and black are allowed", i%m.W, i/m.W, p[0], p[1], p[2])
		}
	}
	return r, nil
}

// pair is one pair of pictures as planes of values 0…255.
type pair struct {
	real, fake []float64
	shape      metrics.Shape
	region     metrics.Region
}

// each measures every pair and returns the values in the order of the names.
func (in *input) each(ctx context.Context, f func(pair) (float64, error)) ([]float64, error) {
	values := make([]float64, len(in.pairs.real))
	err := in.forEach(ctx, len(values), func(i int) error {
		b, err := in.pair(i)
		if err == nil {
			values[i], err = f(b)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", in.pairs.real[i], err)
		}
		return nil
	})
	return values, err
}

// forEach calls f for 0 … n−1 on several goroutines and returns the error of the smallest number.
func (in *input) forEach(ctx context.Context, n int, f func(i int) error) error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for j := range in.Jobs {
		wg.Go(func() {
			for i := j; i < n && ctx.Err() == nil; i += in.Jobs {
				if errs[i] = f(i); errs[i] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (in *input) pair(i int) (pair, error) {
	p, err := in.decode(in.real.full(in.pairs.real[i]))
	if err != nil {
		return pair{}, err
	}
	q, err := in.decode(in.fake.full(in.pairs.fake[i]))
	if err != nil {
		return pair{}, err
	}
	if p.size != q.size {
		return pair{}, fmt.Errorf("the real picture is %s pixels, the fake one %s: pairs are compared without resizing", p.size, q.size)
	}
	r, m, err := in.pairs.mask(in.pairs.real[i])
	if err != nil {
		return pair{}, err
	}
	if r != nil && (m.W != p.image.W || m.H != p.image.H) {
		return pair{}, fmt.Errorf("the mask is %dx%d pixels, the picture %s", m.W, m.H, p.size)
	}
	return pair{real: planes(p.image), fake: planes(q.image), shape: metrics.Shape{C: 3, H: p.image.H, W: p.image.W}, region: r}, nil
}

func planes(m pixels.Image) []float64 {
	b := pixels.Planes(m)
	out := make([]float64, len(b))
	for i, v := range b {
		out[i] = float64(v)
	}
	return out
}
