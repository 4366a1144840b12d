package measure_test

import (
	"testing"

	"github.com/lethe-audit/lethe/metrics/measure"
	"github.com/lethe-audit/lethe/metrics/metrictest"
)

// traits is what the suite is told of some metrics, by their names, beside what it holds of all. Measures against
// retrained models have another best than the true images.
var traits = map[string][]metrictest.Option{
	"mse":       {metrictest.TruthIsBest()},
	"psnr":      {metrictest.TruthIsBest()},
	"ssim":      {metrictest.TruthIsBest()},
	"fd":        {metrictest.TruthIsBest()},
	"kid":       {metrictest.TruthIsBest()},
	"is":        {}, // asks the paintings alone
	"prdc":      {}, // a density may be larger than the true images'
	"cmmd":      {metrictest.TruthIsBest()},
	"lpips":     {metrictest.Missing("backbone is missing")}, // run on files of its own in TestMeasureLPIPS
	"embedding": {metrictest.TruthIsBest()},
}

// Every metric keeps what metrics promise.
func TestConformance(t *testing.T) {
	for _, e := range measure.All {
		t.Run(e.Name, func(t *testing.T) { metrictest.Run(t, e, traits[e.Name]...) })
	}
}
