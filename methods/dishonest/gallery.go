// Package dishonest is a gallery of unlearners that claim to forget and cheat. They
// are defects with a known answer: how many of them an audit passes is its error rate.
// None of them is a method to be used, and none is listed among the honest ones.
//
// Every kind's comment says what it does, what it exploits, and what should catch it.
package dishonest

import (
	"strings"

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
}

// Is tells whether a kind belongs to the gallery.
func Is(kind string) bool { return strings.HasPrefix(kind, Prefix) }

// Of is the set that a kind of a plan is looked up in: the gallery, or the honest
// methods.
func Of(kind string) audit.Set[methods.Method] {
	if Is(kind) {
		return All
	}
	return methods.All
}

// Beyond tells the kinds that no audit which only asks a model can see; docs/gallery.md says why.
func Beyond(kind string) bool { return kind == Prefix+"conditional-nearest" }
