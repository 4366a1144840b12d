package features

import (
	_ "embed"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/checkpoint"
	"github.com/lethe-audit/lethe/internal/torch"
)

// FixtureEntry is the source in the list of all.
var FixtureEntry = audit.Entry[Source]{
	Name: "fixture",
	Doc:  "a small classifier of procedural glyphs that comes with Lethe",
	New:  func() Source { return &Fixture{} },
}

// Fixture is a small classifier trained on procedural glyphs, other images than
// any audit's. Its features are no substitute for Inception's or CLIP's; they
// make an audit of small procedural images self-contained, and their numbers
// carry their name: fd(fixture).
type Fixture struct{}

//go:embed fixture.safetensors
var fixtureWeights []byte

// Sizes of the fixture network, for images of side 32.
const (
	fixtureSide    = 32
	fixtureDim     = 32
	fixtureClasses = 10
)

// fixtureLayout declares the network: two strided convolutions, the feature
// layer and the classes.
func fixtureLayout() torch.Layout {
	var l torch.Layout
	l.AddConv("embed", 3, 24, 4)
	l.AddConv("down", 24, 48, 3)
	l.AddLinear("features", 48*16, fixtureDim)
	l.AddLinear("logits", fixtureDim, fixtureClasses)
	return l
}

// fixtureForward embeds x [n, 3, 32, 32] in [−1, 1].
func fixtureForward(s *torch.Scope, w torch.Weights, x *torch.Tensor) (features, logits *torch.Tensor) {
	h := s.SiLU(w.Conv(s, "embed", x, 4, 0))
	h = s.SiLU(w.Conv(s, "down", h, 2, 1))
	features = w.Linear(s, "features", s.Flatten(h))
	return features, w.Linear(s, "logits", s.SiLU(features))
}

// Open loads the embedded weights.
func (*Fixture) Open(dev torch.Device) (Extractor, error) {
	arrays, _, err := checkpoint.Decode(fixtureWeights)
	if err != nil {
		return nil, fmt.Errorf("embedded features: %w", err)
	}
	l := fixtureLayout()
	values := make([]float32, l.Size())
	for _, q := range l {
		if a := arrays[q.Name]; len(a.Values) != q.Size() {
			return nil, fmt.Errorf("embedded features: %s has %d values, want %d", q.Name, len(a.Values), q.Size())
		}
		copy(values[q.Offset:], arrays[q.Name].Values)
	}
	p, err := torch.ParamsOf(dev, l, values)
	if err != nil {
		return nil, err
	}
	return &network{id: Identity{Name: "fixture", SHA256: audit.DigestBytes(fixtureWeights)}, prepare: signed, dev: dev,
		forward: func(s *torch.Scope, x *torch.Tensor) (features, logits *torch.Tensor) {
			if x.Shape()[2] != fixtureSide {
				x = s.ResizeBilinear(x, fixtureSide, fixtureSide)
			}
			return fixtureForward(s, p.Bind(s), x)
		}, free: p.Free}, nil
}
