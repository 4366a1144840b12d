package palette

import (
	"fmt"
	"strings"

	"github.com/lethe-audit/lethe/internal/torch"
)

// A unet is the network of guided diffusion (Ho et al. 2020, arXiv 2006.11239;
// Dhariwal & Nichol 2021, arXiv 2105.05233, 3) as Palette takes it: residual blocks with
// group normalisation and SiLU, the noise level as scale and shift behind the second
// normalisation, half the side and back within residual blocks, attention between
// positions at some levels and in the middle, and what went down joined to what goes up.
type unet struct {
	in, channels, out   int
	headChannels, group int
	down, up            [][]unetPart
	middle              []unetPart
}

// A unetPart is a convolution (the first), a residual block or an attention.
type unetPart struct {
	name, theirs string // in our layout; in a published state_dict
	kind         partKind
	in, out      int
	resample     int // −1: half the side; 1: twice the side
}

type partKind int

const (
	convPart partKind = iota
	residualPart
	attentionPart
)

// newUnet lists the parts. attention holds the factors by which the side is divided where
// positions attend to each other, beside the middle.
func newUnet(in, channels, out int, multipliers []int, blocks int, attention []int, headChannels, groups int) *unet {
	u := &unet{in: in, channels: channels, out: out, headChannels: headChannels, group: groups}
	at := make(map[int]bool, len(attention))
	for _, f := range attention {
		at[f] = true
	}
	ch, factor := channels*multipliers[0], 1
	skips := []int{ch}
	u.down = [][]unetPart{{{name: "down.0", theirs: "input_blocks.0.0", kind: convPart, in: in, out: ch}}}
	add := func(stack *[][]unetPart, ours, theirs string, parts ...unetPart) {
		k := len(*stack)
		for i := range parts {
			word := [...]string{"conv", "res", "attention"}[parts[i].kind]
			switch parts[i].resample {
			case -1:
				word = "half"
			case 1:
				word = "twice"
			}
			parts[i].name = fmt.Sprintf("%s.%d.%s", ours, k, word)
			parts[i].theirs = fmt.Sprintf("%s.%d.%d", theirs, k, i)
		}
		*stack = append(*stack, parts)
	}
	attend := func(parts []unetPart) []unetPart {
		if at[factor] {
			parts = append(parts, unetPart{kind: attentionPart, in: ch, out: ch})
		}
		return parts
	}
	for level, m := range multipliers {
		for range blocks {
			parts := []unetPart{{kind: residualPart, in: ch, out: channels * m}}
			ch = channels * m
			add(&u.down, "down", "input_blocks", attend(parts)...)
			skips = append(skips, ch)
		}
		if level < len(multipliers)-1 {
			add(&u.down, "down", "input_blocks", unetPart{kind: residualPart, in: ch, out: ch, resample: -1})
			skips = append(skips, ch)
			factor *= 2
		}
	}
	u.middle = []unetPart{
		{name: "middle.0", theirs: "middle_block.0", kind: residualPart, in: ch, out: ch},
		{name: "middle.1", theirs: "middle_block.1", kind: attentionPart, in: ch, out: ch},
		{name: "middle.2", theirs: "middle_block.2", kind: residualPart, in: ch, out: ch},
	}
	for level := len(multipliers) - 1; level >= 0; level-- {
		for i := range blocks + 1 {
			skip := skips[len(skips)-1]
			skips = skips[:len(skips)-1]
			parts := []unetPart{{kind: residualPart, in: ch + skip, out: channels * multipliers[level]}}
			ch = channels * multipliers[level]
			parts = attend(parts)
			if level > 0 && i == blocks {
				parts = append(parts, unetPart{kind: residualPart, in: ch, out: ch, resample: 1})
				factor /= 2
			}
			add(&u.up, "up", "output_blocks", parts...)
		}
	}
	return u
}

// parts lists all of them in order.
func (u *unet) parts() []unetPart {
	var out []unetPart
	for _, stack := range [][][]unetPart{u.down, {u.middle}, u.up} {
		for _, block := range stack {
			out = append(out, block...)
		}
	}
	return out
}

// last is the number of channels before the output.
func (u *unet) last() int { return u.down[0][0].out }

// layout declares the weights. What ends a residual branch, and the output, start at zero.
func (u *unet) layout() torch.Layout {
	var l torch.Layout
	embedding := 4 * u.channels
	l.AddLinear("noise.fc1", u.channels, embedding)
	l.AddLinear("noise.fc2", embedding, embedding)
	for _, p := range u.parts() {
		switch p.kind {
		case convPart:
			l.AddConv(p.name, p.in, p.out, 3)
		case attentionPart:
			l.AddGroupNorm(p.name+".norm", p.in)
			l.AddConv(p.name+".qkv", p.in, 3*p.in, 1)
			l.AddZeroConv(p.name+".proj", p.in, p.in, 1)
		case residualPart:
			l.AddGroupNorm(p.name+".norm1", p.in)
			l.AddConv(p.name+".conv1", p.in, p.out, 3)
			l.AddLinear(p.name+".film", embedding, 2*p.out)
			l.AddGroupNorm(p.name+".norm2", p.out)
			l.AddZeroConv(p.name+".conv2", p.out, p.out, 3)
			if p.in != p.out {
				l.AddConv(p.name+".skip", p.in, p.out, 1)
			}
		}
	}
	l.AddGroupNorm("out.norm", u.last())
	l.AddZeroConv("out.conv", u.last(), u.out, 3)
	return l
}

// encoder is the number of weights before the way up: those of the noise level, the way down and the middle.
func (u *unet) encoder() int {
	for _, q := range u.layout() {
		if strings.HasPrefix(q.Name, "up.") {
			return q.Offset
		}
	}
	return u.layout().Size() // never: there is always a way up
}
