package methods

import "github.com/lethe-audit/lethe/audit"

// All lists the methods, baselines and controls.
var All = audit.Set[Method]{
	decoupleEntry,
	noiseMatchingEntry,
	randomLabelsEntry,
	noisyLabelsEntry,
	maxLossEntry,
	retainLabelDescribedEntry,
	retainLabelReleasedEntry,
	randomEncoderDescribedEntry,
	randomEncoderReleasedEntry,
	negGradPlusEntry,
	jointEntry,
	scrubEntry,
	salUnEntry,
	dampeningEntry,
	eraseDiffEntry,
	l1SparseEntry,
	selectiveAmnesiaEntry,
	rewindEntry,
	shrinkPerturbEntry,
	certifiedEntry,
	fineTuneEntry,
	retrainEntry,
	givenEntry,
	givenWeightsEntry,
	originalEntry,
	randomWeightsEntry,
}
