package mage

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/checkpoint"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/weights"
)

// The tokenizers' networks.
const (
	patchwise = "patches" // a patch at a time; cheap
	published = "vqgan"   // the released one
)

// Seal takes the files' SHA-256 into the parameters.
func (f *Family) Seal() error {
	var errs []error
	for _, file := range []struct {
		path string
		sum  *string
	}{{f.TokenizerPath, &f.TokenizerSHA256}, {f.PerceptualPath, &f.PerceptualSHA256}, {f.LinearPath, &f.LinearSHA256}} {
		if file.path == "" {
			continue
		}
		var err error
		*file.sum, err = weights.Seal(file.path, *file.sum)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// validateTokenizer checks what a tokenizer is made of.
func (f *Family) validateTokenizer() error {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if err := f.Pixels.Validate(); err != nil {
		errs = append(errs, err)
	}
	switch f.Tokenizer {
	case patchwise:
	case published:
		if n := len(f.Multipliers); n < 1 || n > 16 || f.Patch != 1<<(n-1) {
			fail("multipliers %v: tokenizer vqgan halves the side between them, want as many as give patches of %d pixels", f.Multipliers, f.Patch)
		}
		if f.Blocks < 1 {
			fail("blocks is %d: tokenizer vqgan wants at least 1 a level", f.Blocks)
		}
		for _, m := range f.Multipliers {
			if m < 1 || f.Groups < 1 || f.Width*m%f.Groups != 0 {
				fail("groups %d must divide the channels: width %d times each of the multipliers %v", f.Groups, f.Width, f.Multipliers)
				break
			}
		}
	default:
		fail("tokenizer %q: want %s or %s", f.Tokenizer, patchwise, published)
	}
	if f.Margin < 0 {
		fail("margin is %d: want at least 0", f.Margin)
	}
	for _, file := range []struct{ name, path, sum string }{
		{"tokenizer", f.TokenizerPath, f.TokenizerSHA256}, {"perceptual", f.PerceptualPath, f.PerceptualSHA256}, {"linear",
			f.LinearPath, f.LinearSHA256},
	} {
		switch {
		case file.path == "" && file.sum != "":
			fail("%sSHA256 is given, and %sPath is not", file.name, file.name)
		case file.path != "":
			if err := weights.Named(file.path, file.sum); err != nil {
				fail("%s: %w", file.name, err)
			}
		}
	}
	if !(f.Perceptual >= 0 && f.Perceptual <= 100) || !(f.Adversarial >= 0 && f.Adversarial <= 100) {
		fail("perceptual %v and adversarial %v: want weights from 0 to 100", f.Perceptual, f.Adversarial)
	}
	if f.Perceptual > 0 && (f.PerceptualPath == "" || f.LinearPath == "") {
		fail("perceptual %v wants perceptualPath, the weights of SqueezeNet 1.1, and linearPath, LPIPS's linear weights for it "+
			"(squeeze.pth)", f.Perceptual)
	}
	if f.Adversarial > 0 && f.Critic < 1 {
		fail("critic is %d: the adversarial term wants channels of its discriminator", f.Critic)
	}
	if f.TokenizerPath != "" && (f.Perceptual > 0 || f.Adversarial > 0) {
		fail("the tokenizer's weights are given and stay as they are: perceptual and adversarial terms have nothing to train")
	}
	return errors.Join(errs...)
}

// tokenizer makes the plan's, without terms; its weights are fixed where they come from a file.
func (f *Family) tokenizer(dev torch.Device, size int) (*tokenizer, error) {
	grid := size / f.Patch
	t := &tokenizer{grid: grid, codes: f.Codes, dim: f.Code, commitment: 0.25}
	if f.Tokenizer == published {
		t.net = &pyramidCoder{
			grid: grid, dim: f.Code, channels: f.Width, multipliers: f.Multipliers, blocks: f.Blocks,
			groups: f.Groups, codes: f.Codes, pixels: f.Pixels,
		}
	} else {
		t.net = patchCoder{patch: f.Patch, grid: grid, dim: f.Code, width: f.Width, blocks: f.Blocks, pixels: f.Pixels}
	}
	if f.TokenizerPath == "" {
		return t, nil
	}
	var l torch.Layout
	t.declareEncoder(&l)
	t.net.addDecoder(&l)
	p, err := fixedTokenizer(f.TokenizerPath, f.TokenizerSHA256, dev, l)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	t.fixed = p
	return t, nil
}

// Fixed tokenizers are read once, and the models of an audit share them.
var (
	fixedMu         sync.Mutex
	fixedTokenizers = map[string]*torch.Params{}
)

// fixedTokenizer reads a tokenizer's weights out of a file that holds them under the released names (encoder.…, decoder.…,
// quantize.embedding.weight, with or without vqgan. before them) or under Lethe's (tokenizer.…). Where they stand behind
// vqgan. or tokenizer., the file may hold more: a whole MAGE.
func fixedTokenizer(path, sum string, dev torch.Device, l torch.Layout) (*torch.Params, error) {
	if sum == "" { // not from a plan
		var err error
		if sum, err = weights.Seal(path, ""); err != nil {
			return nil, err
		}
	}
	key, err := audit.DigestJSON([]any{sum, dev, l})
	if err != nil {
		return nil, err
	}
	fixedMu.Lock()
	defer fixedMu.Unlock()
	if p, ok := fixedTokenizers[string(key)]; ok {
		return p, nil
	}
	arrays, _, err := weights.Read(path, sum)
	if err != nil {
		return nil, err
	}
	own := map[string]checkpoint.Array{}
	for _, prefix := range []string{"vqgan.", "tokenizer."} {
		for name, a := range arrays {
			if rest, ok := strings.CutPrefix(name, prefix); ok {
				own[rest] = a
			}
		}
		if len(own) > 0 {
			arrays = own
			break
		}
	}
	named := make(map[string]checkpoint.Array, len(arrays))
	for name, a := range arrays {
		if name == releasedBook {
			name = "codebook"
		}
		named["tokenizer."+name] = a
	}
	values, err := weights.Flat(path, "the plan's tokenizer", l, named)
	if err != nil {
		return nil, err
	}
	p, err := torch.ParamsOf(dev, l, values)
	if err == nil {
		fixedTokenizers[string(key)] = p
	}
	return p, err
}

// releasedBook is the released name of the codebook.
const releasedBook = "quantize.embedding.weight"

// Shared says what all models of an audit have in common that none of them learnt, empty for nothing.
func (f *Family) Shared() string {
	if f.TokenizerPath == "" {
		return ""
	}
	return "every model has the tokenizer of one file, which is neither trained nor unlearned here: what it may hold of the " +
		"forget images is in the retained models too, and is not audited"
}
