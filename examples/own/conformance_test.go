package own_test

import (
	"testing"

	"github.com/lethe-audit/lethe/attacks/attacktest"
	"github.com/lethe-audit/lethe/methods/methodtest"
	"github.com/lethe-audit/lethe/metrics/metrictest"

	"example.com/own"
)

// What every item of a sort promises to an audit, whoever wrote it.
func TestConformance(t *testing.T) {
	items := own.Items()
	for _, e := range items.Methods {
		t.Run(e.Name, func(t *testing.T) { methodtest.Run(t, e, methodtest.LooksAtForget()) })
	}
	for _, e := range items.Attacks {
		t.Run(e.Name, func(t *testing.T) { attacktest.Run(t, e) })
	}
	for _, e := range items.Metrics {
		t.Run(e.Name, func(t *testing.T) { metrictest.Run(t, e) })
	}
}
