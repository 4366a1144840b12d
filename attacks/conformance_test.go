package attacks_test

import (
	"testing"

	"github.com/lethe-audit/lethe/attacks"
	"github.com/lethe-audit/lethe/attacks/attacktest"
)

// traits is what the suite is told of some attacks, by their names, beside what it holds of all.
var traits = map[string][]attacktest.Option{
	"membership":        {attacktest.LowIsKnown()},
	"poisoning":         {attacktest.With(`{"relatives": ["blended"], "images": 4}`)},
	"views":             {attacktest.With(`{"images": 16}`)},
	"neighbours":        {attacktest.LowIsKnown()},
	"relearning":        {attacktest.LowIsKnown(), attacktest.With(`{"steps": 10}`)},
	"fine-tuning":       {attacktest.LowIsKnown(), attacktest.With(`{"effort": 0.02}`)},
	"perturbation":      {attacktest.LowIsKnown()},
	"inversion":         {attacktest.LowIsKnown()},
	"likelihood":        {attacktest.Refuses(attacks.ErrCovered)},
	"quantisation":      {attacktest.LowIsKnown()},
	"stitching":         {attacktest.LowIsKnown(), attacktest.With(`{"layers": 1}`)},
	"trigger-inversion": {attacktest.With(`{"steps": 10}`)},
}

// Every attack keeps what attacks promise.
func TestConformance(t *testing.T) {
	for _, e := range attacks.All {
		t.Run(e.Name, func(t *testing.T) { attacktest.Run(t, e, traits[e.Name]...) })
	}
}
