package criteria

import "github.com/lethe-audit/lethe/audit"

// All lists the criteria that come with Lethe.
var All = audit.Set[Criterion]{
	membershipEntry, backdoorEntry, oodEntry, realismEntry, utilityEntry, neighboursEntry,
	relearningEntry, fineTuningEntry, likelihoodEntry, viewsEntry,
	perturbationEntry, inversionEntry, triggerInversionEntry, quantisationEntry,
}
