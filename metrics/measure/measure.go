// Package measure holds the audit's metrics: each takes what a model painted for the parts of the data and leaves raw
// samples. The numbers themselves are plain functions of the packages metrics, metrics/sets and metrics/perceptual.
package measure

import (
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/outputs"
)

// A Metric measures one model and returns raw samples.
type Metric interface {
	Measure(in *Input) ([]audit.Sample, error)
}

// A Looker is a metric that needs the activations of the models' own layers.
type Looker interface{ LooksInside() }

// LooksInside tells whether any of the metrics is a Looker.
func LooksInside(ms []Metric) bool {
	return slices.ContainsFunc(ms, func(m Metric) bool { _, ok := m.(Looker); return ok })
}

// Input is one model beside what it is compared with.
type Input = outputs.Input

// All lists the metrics.
var All = audit.Set[Metric]{
	mseEntry, psnrEntry, ssimEntry,
	fdEntry, kidEntry, isEntry, prdcEntry, cmmdEntry,
	lpipsEntry, embeddingEntry, displacementEntry, textureEntry,
	oracleDistanceEntry, ckaEntry, oracleFDEntry,
}
