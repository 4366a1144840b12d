package kit

import (
	"context"

	"github.com/lethe-audit/lethe/attacks"
	"github.com/lethe-audit/lethe/internal/corpus"
)

type (
	// Attack is what an attack implements. Its entry goes into Catalogue.Attacks and lists the quantities that it leaves;
	// a criterion turns them into verdicts.
	Attack = attacks.Attack
	// Target is the model under attack: what it painted, the model itself, and copies to work on.
	Target = attacks.Target
	// Among are the models that a subject's statistics may be made of, beside its own.
	Among = attacks.Models
	// Silent is an attack's embedded half where a criterion judges its samples, and nothing is summed up.
	Silent = attacks.Silent
	// Reader is an attack that measures nothing of its own: it sums up what others leave.
	Reader = attacks.Reader
	// Noter is an attack that has something to say of a subject in words, beside its numbers.
	Noter = attacks.Noter
	// Corpus is everything that images come from in one audit.
	Corpus = corpus.Corpus
)

// What an attack returns where it has nothing to measure of a target: the audit goes on without, and says so.
var (
	ErrBlackBox = attacks.ErrBlackBox // the target can only be asked to paint
	ErrUnfit    = attacks.ErrUnfit    // its family has no part that the attack needs
	ErrCovered  = attacks.ErrCovered  // another attack measures the same of its family
)

// Train runs a phase on a copy that the target's Open gave. Nothing of it is stored.
func Train(ctx context.Context, m Model, ph Phase) error { return attacks.Train(ctx, m, ph) }
