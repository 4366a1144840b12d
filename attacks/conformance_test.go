package attacks_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/attacks"
	"github.com/lethe-audit/lethe/attacks/attacktest"
)

// traits is what the suite is told of an attack, by its name.
var traits = map[string][]attacktest.Option{
	"membership":           {attacktest.LowIsKnown()},
	"poisoning":            {},
	"neighbours":           {attacktest.LowIsKnown()},
	"lira":                 {},
	"relearning":           {attacktest.LowIsKnown(), attacktest.With(`{"steps": 10}`)},
	"fine-tuning":          {attacktest.LowIsKnown(), attacktest.With(`{"effort": 0.02}`)},
	"perturbation":         {attacktest.LowIsKnown()},
	"inversion":            {attacktest.LowIsKnown()},
	"likelihood":           {attacktest.Refuses(attacks.ErrCovered)},
	"trigger-inversion":    {attacktest.With(`{"steps": 10}`)},
	"ood-detection":        {},
	"probe":                {},
	"forget-set-inference": {},
}

// Every attack keeps what attacks promise.
func TestConformance(t *testing.T) {
	for _, e := range attacks.All {
		opts, ok := traits[e.Name]
		require.True(t, ok, "what is %s like?", e.Name)
		t.Run(e.Name, func(t *testing.T) { attacktest.Run(t, e, opts...) })
	}
}
