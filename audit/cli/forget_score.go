package cli

import (
	"fmt"
	"slices"

	"github.com/lethe-audit/lethe/internal/npy"
	"github.com/lethe-audit/lethe/metrics"
)

// forgetScoreCmd compares scores of many unlearned and many retrained models, image by image.
type forgetScoreCmd struct {
	Unlearned string  `required:"" placeholder:"FILE" help:".npy file [models, images] with a score of every forget image under every unlearned model: the negative reconstruction error, or a classifier's margin."`
	Retrained string  `required:"" placeholder:"FILE" help:"The same for models retrained without the images."`
	Level     float64 `default:"0.95" help:"Of the lower bound on ε."`
}

// Run prints the forget score, ε and KLoM over images.
func (c *forgetScoreCmd) Run(s streams) error {
	u, err := scores(c.Unlearned)
	if err != nil {
		return usage(err)
	}
	r, err := scores(c.Retrained)
	if err != nil {
		return usage(err)
	}
	if len(u) != len(r) {
		return usage(fmt.Errorf("%s holds scores of %d images, %s of %d: both must be of the same forget images", c.Unlearned,
			len(u), c.Retrained, len(r)))
	}
	eps := make([]metrics.ForgetEpsilon, len(u))
	plugin, low, klom := make([]float64, len(u)), make([]float64, len(u)), make([]float64, len(u))
	for i := range u {
		if eps[i], err = metrics.ForgetEpsilonOf(u[i], r[i], c.Level); err != nil {
			return usage(fmt.Errorf("image %d: %w", i, err))
		}
		if klom[i], err = metrics.KLoM(u[i], r[i]); err != nil {
			return usage(fmt.Errorf("image %d: %w", i, err))
		}
		plugin[i], low[i] = eps[i].Epsilon, eps[i].Low
	}
	score, err := metrics.ForgetScore(eps, min(len(u[0]), len(r[0])))
	if err != nil {
		return usage(err)
	}
	_, err = fmt.Fprintf(s.out, `%d images, %d unlearned and %d retrained models

forget score ↑            %.5g   1 is perfect; without the challenge's factors for accuracy
ε, plug-in maximum ↓      median %.4g, 95th percentile %.4g   biased upwards
ε, lower bound ↓          median %.4g, 95th percentile %.4g, largest %.4g   each holds at %.0f %% for its image alone
KLoM ↓                    median %.4g, 95th percentile %.4g nats   at most %.4g
`, len(u), len(u[0]), len(r[0]), score, at(plugin, 0.5), at(plugin, 0.95), at(low, 0.5), at(low, 0.95), at(low, 1), 100*c.Level,
		at(klom, 0.5), at(klom, 0.95), metrics.KLoMMax)
	return err
}

// scores reads [models, images] and returns the scores of each image.
func scores(path string) ([][]float64, error) {
	arrays, err := npy.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if len(arrays) != 1 {
		return nil, fmt.Errorf("%s holds %d arrays: want one [models, images]", path, len(arrays))
	}
	var out [][]float64
	for _, a := range arrays {
		if len(a.Shape) != 2 || len(a.Values) == 0 {
			return nil, fmt.Errorf("%s has shape %v: want scores [models, images]", path, a.Shape)
		}
		out = make([][]float64, a.Shape[1])
		for i, v := range a.Values {
			out[i%len(out)] = append(out[i%len(out)], v)
		}
	}
	return out, nil
}

// at is the q-quantile of v: the smallest value that at least the share q does not exceed.
func at(v []float64, q float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[min(len(s)-1, int(q*float64(len(s))))]
}
