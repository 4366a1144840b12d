package measure_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/metrics/measure"
	"github.com/lethe-audit/lethe/metrics/metrictest"
)

// traits is what the suite is told of a metric, by its name. Measures against retrained models have another best than
// the true images.
var traits = map[string][]metrictest.Option{
	"mse":             {metrictest.TruthIsBest()},
	"psnr":            {metrictest.TruthIsBest()},
	"ssim":            {metrictest.TruthIsBest()},
	"fd":              {metrictest.TruthIsBest()},
	"kid":             {metrictest.TruthIsBest()},
	"is":              {}, // asks the paintings alone
	"prdc":            {}, // a density may be larger than the true images'
	"cmmd":            {metrictest.TruthIsBest()},
	"lpips":           {metrictest.Missing("backbone is missing")}, // run on files of its own in TestMeasureLPIPS
	"embedding":       {metrictest.TruthIsBest()},
	"displacement":    {},
	"texture":         {},
	"oracle-distance": {},
	"cka":             {},
	"oracle-fd":       {},
}

// Every metric keeps what metrics promise.
func TestConformance(t *testing.T) {
	for _, e := range measure.All {
		opts, ok := traits[e.Name]
		require.True(t, ok, "what is %s like?", e.Name)
		t.Run(e.Name, func(t *testing.T) { metrictest.Run(t, e, opts...) })
	}
}
