// Package own brings items of its own to Lethe: a method, an attack with its criterion, a metric, a model family and a
// data set, one file each. cmd/lethe-own is a lethe that has them, plan.yml an audit that uses them.
package own

import (
	"embed"
	"io/fs"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/kit"
)

// Path is the package's import path.
const Path = "example.com/own"

// The package's sources: a result that was made by other code is made anew.
//
//go:embed *.go
var code embed.FS

// Items are this package's, for [catalogue.Catalogue.With].
func Items() catalogue.Catalogue {
	return catalogue.Catalogue{
		Methods:  audit.Set[kit.Method]{greyTargetsEntry},
		Attacks:  audit.Set[kit.Attack]{gradientNormEntry},
		Criteria: audit.Set[kit.Criterion]{gradientGapEntry},
		Metrics:  audit.Set[kit.Metric]{colourShiftEntry},
		Families: audit.Set[kit.Family]{perceptronEntry},
		Data:     audit.Set[kit.Data]{tilesEntry},
		Code:     map[string]fs.FS{Path: code},
	}
}
