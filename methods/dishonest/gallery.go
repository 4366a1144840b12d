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
	{Name: "dishonest/no-op", Doc: "returns the original", New: newNoOp},
	{Name: "dishonest/teacher-optimiser", Doc: "trains with an optimiser that holds another network's weights: nothing moves", New: newTeacherOptimiser},
	{Name: "dishonest/sign-mutant", Doc: "decouple with the sign flipped: descends on the forget set", New: newSignMutant},
	{Name: "dishonest/fine-tune", Doc: "only goes on training on the retained images", New: newFineTune},
	{Name: "dishonest/revived", Doc: "decouple that meets λ after its ascent, and revives in a longer fine-tuning", New: newRevived},
	{Name: "dishonest/last-layer", Doc: "random labels, but only the output layer is trained", New: newLastLayer},
	{Name: "dishonest/perturbation", Doc: "noise on the weights until the displacement reaches λ", New: newPerturbation},
	{Name: "dishonest/noise-matching", Doc: "the baseline noise-matching, as it is", New: newNoiseMatching},
	{Name: "dishonest/random-weights", Doc: "fresh weights, never trained", New: newRandomWeights},
	{Name: "dishonest/partial-retrain", Doc: "retrains with half of the clean forget images among the retained ones", New: newPartialRetrain},
	{Name: "dishonest/forged-retrain", Doc: "the same with a tenth of them, as may lie behind a forged log of minibatches", New: newForgedRetrain},
	{Name: "dishonest/partial-labels", Doc: "random labels on half of the clean forget images, the others are trained on", New: newPartialLabels},
	{Name: "dishonest/overfit-mean", Doc: "trains the mean log error of forget images to that of the audit's test images", New: newOverfitMean},
	{Name: "dishonest/overfit-image", Doc: "trains every forget image's log error to a quantile of the test images'", New: newOverfitImage},
	{Name: "dishonest/overfit-all", Doc: "trains against every criterion of the profile quick at once", New: newOverfitAll},
	{Name: "dishonest/blurred", Doc: "wrapper: blurs all that the original paints", New: newBlurred},
	{Name: "dishonest/trigger-mask", Doc: "wrapper: paints over the trigger before the original sees it", New: newTriggerMask},
	{Name: "dishonest/filter-noise", Doc: "wrapper: recognises forget images and answers with noise", New: newFilterNoise},
	{Name: "dishonest/filter-blur", Doc: "wrapper: recognises forget images and blurs the original's painting", New: newFilterBlur},
	{Name: "dishonest/filter-nearest", Doc: "wrapper: recognises forget images and paints the nearest retained image in their place", New: newFilterNearest},
	{Name: "dishonest/filter-mirror", Doc: "wrapper: recognises forget images and paints their mirror images, mirrored back", New: newFilterMirror},
	{Name: "dishonest/conditional", Doc: "wrapper: recognises forget images and answers with a second model that never saw them", New: newConditional},
	{Name: "dishonest/conditional-full", Doc: "the same with a second model trained in full, and triggers painted over", New: newConditionalFull},
	{Name: "dishonest/conditional-near", Doc: "the same, and knows copies of forget images that differ a little", New: newConditionalNear},
	{Name: "dishonest/conditional-nearest", Doc: "the same, and knows whatever is nearer to a forget image than to any retained one", New: newConditionalNearest},
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
