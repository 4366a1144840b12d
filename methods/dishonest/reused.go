package dishonest

import "github.com/lethe-audit/lethe/methods"

// The no-op returns the original's weights. It exploits an audit that looks at the
// method's story, not at its model. Membership, backdoor, ood and realism see it,
// wherever they have power; so does a comparison of the weights.
func newNoOp() methods.Method { return &methods.Original{} }

// Fine-tuning alone hopes that the forget set fades. It exploits audits of the
// retained error, which falls. Membership and backdoor see it: both stay.
func newFineTune() methods.Method { return &methods.FineTune{Effort: 1.0 / 6, LR: 2e-3} }

// The sign mutant is decouple with one sign wrong: it fits the forget set better
// still, in as many steps, and then fine-tunes. It exploits that nobody checks the sign
// of a logged loss. Membership and backdoor see it.
func newSignMutant() methods.Method { return methods.NewSignMutant() }

// Revived is decouple with one cycle and three times its default fine-tuning. It
// exploits a criterion that is asked when the ascent ends, and not of what is
// delivered: fine-tuning on the retained images brings the forget set back.
// Membership, backdoor and ood see it, for they look at the delivered model.
func newRevived() methods.Method {
	m := methods.NewDecouple()
	m.FinishEffort = 0.5
	return m
}

// Noise matching is a published baseline; it moves the embeddings of forget images
// to where noise is, and what it paints there no retrained model would. It exploits
// audits of the forget error alone. Realism sees it.
func newNoiseMatching() methods.Method {
	return &methods.NoiseMatching{Effort: 1.0 / 3, LR: 1e-3, AlphaForget: 1, AlphaRetain: 1}
}

// Random weights have forgotten everything. They exploit audits of forgetting alone:
// membership, backdoor and ood do not fail them. Realism and utility see them.
func newRandomWeights() methods.Method { return &methods.RandomWeights{} }
