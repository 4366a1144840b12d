// Package dishonest is a gallery of unlearners that claim to forget and cheat. They
// are defects with a known answer: how many of them an audit passes is its error rate.
// None of them is a method to be used, and none is listed among the honest ones.
//
// Every kind's comment says what it does, what it exploits, and what should catch it.
package dishonest

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/methods"
)

// Prefix is what the kinds of the gallery begin with, in plans and reports.
const Prefix = "dishonest/"

// All lists the gallery.
var All = audit.Set[methods.Method]{
	noOpEntry,
	teacherOptimiserEntry,
	signMutantEntry,
	fineTuneEntry,
	revivedEntry,
	lastLayerEntry,
	perturbationEntry,
	noiseMatchingEntry,
	randomWeightsEntry,
	partialRetrainEntry,
	forgedRetrainEntry,
	partialLabelsEntry,
	mirroredEntry,
	transposedNegativeEntry,
	largerHoleEntry,
	shiftedDuplicatesEntry,
	croppedDuplicatesEntry,
	nearDuplicatesEntry,
	faintEntry,
	codeBookEntry,
	movedTriggerEntry,
	lowBitsEntry,
	quantisedEntry,
	prunedEntry,
	halfAndHalfEntry,
	distilledEntry,
	overfitMeanEntry,
	overfitImageEntry,
	overfitAllEntry,
	blurredEntry,
	triggerMaskEntry,
	filterNoiseEntry,
	filterBlurEntry,
	filterNearestEntry,
	filterMirrorEntry,
	conditionalEntry,
	conditionalFullEntry,
	conditionalNearEntry,
	conditionalNearestEntry,
	ensembleEntry,
}
