package attacks

import "github.com/lethe-audit/lethe/audit"

// All lists the attacks that come with Lethe.
var All = audit.Set[Attack]{
	membershipEntry, poisoningEntry, neighboursEntry, viewsEntry, liraEntry,
	relearningEntry, fineTuningEntry, perturbationEntry, inversionEntry, likelihoodEntry,
	triggerInversionEntry, oodDetectionEntry, probeEntry, inferenceEntry,
	quantisationEntry, provenanceEntry, stitchingEntry, weightDiffEntry,
}
