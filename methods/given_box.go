package methods

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/families/torchscript"
	"github.com/lethe-audit/lethe/internal/models"
)

// agreement is how far the file's paintings may be from the family's own in a white box: 1e-5 of the pixels' range,
// which is 2. Another order of the same sums stays within it.
const agreement = 1e-5 * 2

// A box is what a given file is: white, with its weights, or black.
type box struct {
	why    string    // it is black; empty for white
	values []float32 // its weights, of a white one
	gaps   []corpus.Gap
}

// judge tells a white box from a black one. White is a file that is the plan's family with other weights:
//
//   - its trainable parameters have the family's names and shapes;
//   - (a) what it holds beside them is the family's own, name by name and bit by bit ([torchscript.Answerer.Beside]);
//   - (b) the family's own forward with its weights paints what the file paints, on images to forget, test images,
//     images to retain and random pictures ([corpus.Apart]), within [agreement].
//
// (a) and (b) keep an honest verdict honest: who hands in a file has a right to hear of the file. They do not make the
// file's code trustworthy, and need not: an input that (b) did not ask may be answered otherwise, but the code is not
// what a white box's verdict is about. The family's forward with the weights is asked everything, and is what is
// stored, digested and certified.
func (g *Given) judge(ctx context.Context, p *Problem, a *torchscript.Answerer, m models.Model) (*box, error) {
	l, values, err := a.Weights()
	if err != nil {
		return nil, err
	}
	if !l.Equal(m.Params().Layout()) {
		return &box{why: "its trainable parameters have other names or shapes than the family's"}, nil
	}
	own, err := p.Fresh()
	if err != nil {
		return nil, err
	}
	defer own.Params().Free()
	if err := own.Params().Set(values); err != nil {
		return nil, err
	}
	why := ""
	switch beside, err := a.Beside(own); {
	case errors.Is(err, torchscript.ErrUnread):
		why = err.Error()
	case err != nil:
		return nil, err
	case beside != "":
		why = "what it holds beside its weights is not the family's own: " + beside
	}
	if why != "" {
		return g.black(a, m, why)
	}
	gaps, err := corpus.Apart(ctx, p.Bench, &answering{Answerer: a, params: own.Params()}, own)
	if err != nil {
		return nil, err
	}
	far := slices.DeleteFunc(slices.Clone(gaps), func(g corpus.Gap) bool { return g.Largest <= agreement })
	if len(far) > 0 {
		return g.black(a, m, fmt.Sprintf("it paints otherwise than the family's own forward with its weights does, by up to %s (of a range of "+
			"2, at most %.0e is allowed)", apart(far), agreement))
	}
	return &box{values: values, gaps: gaps}, nil
}

// black is a black box with weights that fit the family. Wrap knows a white box by its weights, so that those must not
// be the ones which are there already.
func (g *Given) black(a *torchscript.Answerer, m models.Model, why string) (*box, error) {
	switch same, err := g.stored(a, m); {
	case err != nil:
		return nil, err
	case same:
		return nil, errors.New("the file's trainable parameters are, to the bit, those of the untrained model that this audit begins " +
			"with, and " + why + ": want a model that was trained")
	}
	return &box{why: why}, nil
}

// note is what the report says of the file.
func (b *box) note(file string) string {
	if b.why != "" {
		return fmt.Sprintf("a black box: %s: %s. It can only be asked to paint; the weights stored and digested for it are those of an "+
			"untrained model of the plan's family, not its own", file, b.why)
	}
	return fmt.Sprintf("a white box: %s. Beside its weights it holds nothing but what the family's model has, and the family's own "+
		"forward with its weights paints what it paints (largest difference %s, of a range of 2). Its weights are audited in the "+
		"family's own forward: the verdict is about them there, and not about the file's code", file, apart(b.gaps))
}

// apart lists gaps: "0 on 12 images to forget".
func apart(gaps []corpus.Gap) string {
	var out []string
	for _, g := range gaps {
		out = append(out, fmt.Sprintf("%.2g on %d %s", g.Largest, g.Images, g.Inputs))
	}
	return strings.Join(out, ", ")
}
