// Package palette is the conditional diffusion model Palette.
package palette

import (
	"fmt"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/families/counts"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

// Entry is the family in the list of all.
var Entry = audit.Entry[models.Family]{
	Name: "palette", Has: audit.Traits{Sampling: true},
	Doc: "conditional diffusion: a U-Net that tells the noise, sampled by DDIM (Palette, Saharia et al. 2022)",
	New: func() models.Family {
		return &Family{Patch: 2, Channels: 32, Multipliers: []int{1, 2}, ResBlocks: 1, Attention: []int{}, HeadChannels: 32, Groups: 8,
			Steps: 2000, BetaStart: 1e-4, BetaEnd: 0.005, SampleSteps: 10, Predict: "noise"}
	},
}

// Family is a conditional diffusion model (Saharia et al. 2022, arXiv 2111.05826): a U-Net is shown the degraded image
// and the noisy one side by side, with the noise level γ, and tells the noise, or the image (Predict).
//
// Where the task hides a region, the condition is standard normal noise there, and noise, loss and painting are of the
// region alone (section 4.2). Every number drawn comes from the host's generator.
//
// The published network for places (256×256) is patch 1, channels 64, multipliers 1 2 4 8, resBlocks 2, headChannels
// 32, groups 32, no attention but the middle's: the attn_res of 16 in its configuration is a factor that its four levels
// do not reach. Differences from it: no dropout and no moving average of weights; the sampler is DDIM on the levels of
// training, where Palette's is ancestral with 1,000 steps of other levels.
type Family struct {
	Patch        int     `json:"patch"`        // side of the squares of pixels that the network takes as one
	Channels     int     `json:"channels"`     // at full side; the embedded noise level has four times as many
	Multipliers  []int   `json:"multipliers"`  // of the channels, for each halving of the side
	ResBlocks    int     `json:"resBlocks"`    // a level's residual blocks
	Attention    []int   `json:"attention"`    // factors 1, 2, 4 … by which the side is divided where there is attention too
	HeadChannels int     `json:"headChannels"` // of each head of attention
	Groups       int     `json:"groups"`       // of channels, for normalisation
	Steps        int     `json:"steps"`        // T, of the noise schedule
	BetaStart    float64 `json:"betaStart"`
	BetaEnd      float64 `json:"betaEnd"`
	SampleSteps  int     `json:"sampleSteps"` // of the sampler: runs of the network per painting
	// Predict is what the network tells: noise, as published, or image, for which levels with much noise count as those
	// with little (Salimans & Ho 2022, arXiv 2202.00512, section 4). With few steps of training, image remembers more.
	Predict string `json:"predict"`
}

// Validate checks the parameters.
func (f *Family) Validate() error {
	if err := counts.Positive(counts.Of("patch", f.Patch), counts.Of("channels", f.Channels), counts.Of("resBlocks", f.ResBlocks),
		counts.Of("headChannels", f.HeadChannels), counts.Of("groups", f.Groups), counts.Of("steps",
			f.Steps), counts.Of("sampleSteps", f.SampleSteps)); err != nil {
		return err
	}
	if len(f.Multipliers) == 0 || len(f.Multipliers) > 16 {
		return fmt.Errorf("multipliers %v: want one for each of 1 to 16 levels", f.Multipliers)
	}
	for _, m := range f.Multipliers {
		if m < 1 {
			return fmt.Errorf("multipliers %v: want at least 1", f.Multipliers)
		}
	}
	if f.Channels%f.Groups != 0 || f.Channels%2 != 0 {
		return fmt.Errorf("channels %d must be even and a multiple of groups %d", f.Channels, f.Groups)
	}
	factors := make([]int, len(f.Multipliers))
	for i := range factors {
		factors[i] = 1 << i
	}
	for _, a := range f.Attention {
		if !slices.Contains(factors, a) {
			return fmt.Errorf("attention at factor %d: the %d levels have factors %v", a, len(factors), factors)
		}
	}
	for i, m := range f.Multipliers {
		attends := i == len(f.Multipliers)-1 || slices.Contains(f.Attention, factors[i])
		if attends && f.Channels*m%f.HeadChannels != 0 {
			return fmt.Errorf("headChannels %d must divide the %d channels at factor %d", f.HeadChannels, f.Channels*m, factors[i])
		}
	}
	if f.Predict != "noise" && f.Predict != "image" {
		return fmt.Errorf("predict %q: want noise or image", f.Predict)
	}
	return validSchedule(f.Steps, f.BetaStart, f.BetaEnd, f.SampleSteps)
}

// Check wants a side that can be halved at every level.
func (f *Family) Check(shape models.Shape) error {
	if err := f.Validate(); err != nil {
		return fmt.Errorf("model palette: %w", err)
	}
	if by := f.Patch << (len(f.Multipliers) - 1); shape.Size%by != 0 || shape.Size < 2*by {
		return fmt.Errorf("model palette: image side %d is not a multiple of %d from %d on", shape.Size, by, 2*by)
	}
	return nil
}

func (f *Family) unet() *unet {
	p := f.Patch * f.Patch
	return newUnet(6*p, f.Channels, 3*p, f.Multipliers, f.ResBlocks, f.Attention, f.HeadChannels, f.Groups)
}

// New draws a fresh model.
func (f *Family) New(dev torch.Device, shape models.Shape, seed uint64) (models.Model, error) {
	if err := f.Check(shape); err != nil {
		return nil, err
	}
	u := f.unet()
	p, err := torch.NewParams(dev, u.layout(), seed)
	if err != nil {
		return nil, fmt.Errorf("model palette: %w", err)
	}
	return &model{unet: u, params: p, shape: shape, patch: int64(f.Patch), samples: f.SampleSteps, gamma: linear(f.Steps,
		f.BetaStart, f.BetaEnd), image: f.Predict == "image"}, nil
}
