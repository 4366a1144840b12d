package stats

import "fmt"

// LeaveOneOut returns, for every oracle k, the [PairedEffect] of oracle k against
// the others: the null that is printed beside every comparison, and the least a
// margin must allow. It needs 3 oracles, so that 2 are left.
func LeaveOneOut(oracles [][]float64) ([]Effect, error) {
	if len(oracles) < 3 {
		return nil, fmt.Errorf("leave one out: %w: %d oracles, give at least 3", ErrSample, len(oracles))
	}
	out := make([]Effect, len(oracles))
	for k := range oracles {
		e, err := PairedEffect(oracles[k], without(oracles, k))
		if err != nil {
			return nil, fmt.Errorf("leave out oracle %d: %w", k, err)
		}
		out[k] = e
	}
	return out, nil
}

// LeaveOneOutDifference is [LeaveOneOut] for [DifferenceInDifferences].
func LeaveOneOutDifference(oraA, oraB [][]float64) ([]Effect, error) {
	if len(oraA) != len(oraB) || len(oraA) < 3 {
		return nil, fmt.Errorf("leave one out: %w: %d oracles for set A and %d for set B, give the same ones, at least 3", ErrSample, len(oraA), len(oraB))
	}
	out := make([]Effect, len(oraA))
	for k := range oraA {
		e, err := DifferenceInDifferences(oraA[k], without(oraA, k), oraB[k], without(oraB, k))
		if err != nil {
			return nil, fmt.Errorf("leave out oracle %d: %w", k, err)
		}
		out[k] = e
	}
	return out, nil
}

func without(rows [][]float64, k int) [][]float64 {
	out := make([][]float64, 0, len(rows)-1)
	out = append(out, rows[:k]...)
	return append(out, rows[k+1:]...)
}
