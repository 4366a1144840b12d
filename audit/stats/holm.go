package stats

import (
	"cmp"
	"slices"
)

// Holm returns the step-down adjusted p-values in the order given: with the
// p sorted, adj_(r) = max_{s≤r} min(1, (m−s+1)·p_(s)), r from 1. Rejecting where
// adj ≤ α keeps the family-wise error rate at α under any dependence. What is
// not a p-value (NaN, below 0, above 1) counts as 1: no evidence, but a member
// of the family.
//
// Source: Holm, Scand. J. Statist. 6 (1979).
func Holm(p []float64) []float64 {
	clean, order := make([]float64, len(p)), make([]int, len(p))
	for i, v := range p {
		order[i], clean[i] = i, 1
		if v >= 0 && v <= 1 {
			clean[i] = v
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(clean[a], clean[b]) })
	adjusted, running := make([]float64, len(p)), 0.0
	for rank, i := range order {
		running = max(running, min(1, float64(len(p)-rank)*clean[i]))
		adjusted[i] = running
	}
	return adjusted
}
