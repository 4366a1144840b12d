// Package catalogue carries all items that a plan can name as one value, from the plan's reader to the report: methods,
// attacks, metrics, criteria, model families, tasks, data sets and features. [Default] is what comes with Lethe;
// [Catalogue.With] adds items of other modules.
//
// This package, and what it takes from others, may change until version 1.
package catalogue

import (
	"io/fs"
	"strings"

	"github.com/lethe-audit/lethe/attacks"
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/families"
	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/methods"
	"github.com/lethe-audit/lethe/methods/dishonest"
	"github.com/lethe-audit/lethe/metrics/measure"
)

// A Catalogue holds entries by their sort, each sort in the order of lists and tables.
type Catalogue struct {
	Methods  audit.Set[methods.Method]
	Gallery  audit.Set[methods.Method] // unlearners that cheat, for calibration; their names begin with [GalleryPrefix]
	Attacks  audit.Set[attacks.Attack]
	Metrics  audit.Set[measure.Metric]
	Criteria audit.Set[criteria.Criterion]
	Families audit.Set[models.Family]
	Tasks    audit.Set[tasks.Task]
	Data     audit.Set[corpus.Source]
	Features audit.Set[features.Source]

	// Code has the source files of every package that items are made of, by import path. What a result depends on is
	// found in them; an item whose package is missing cannot be run.
	Code map[string]fs.FS
}

// GalleryPrefix is what names in the gallery begin with, and no others.
const GalleryPrefix = dishonest.Prefix

// Default is the catalogue of what comes with Lethe.
func Default() *Catalogue {
	return &Catalogue{
		Methods: methods.All, Gallery: dishonest.All, Attacks: attacks.All, Metrics: measure.All, Criteria: criteria.All,
		Families: families.All, Tasks: tasks.All, Data: corpus.Sources, Features: features.All, Code: own(),
	}
}

// Unlearners is the set that a kind of a plan's methods is looked up in: the gallery, or the methods.
func (c *Catalogue) Unlearners(kind string) audit.Set[methods.Method] {
	if strings.HasPrefix(kind, GalleryPrefix) {
		return c.Gallery
	}
	return c.Methods
}

// Beyond tells the kinds of cheats that a profile cannot see.
func (c *Catalogue) Beyond(profile, kind string) bool {
	e, ok := c.Gallery.Find(kind)
	return ok && e.Beyond != "" && criteria.Within(e.Beyond, profile)
}

// Quantities lists what the metrics and attacks of a plan leave, in the catalogue's order.
func (c *Catalogue) Quantities(p audit.Plan) []audit.Quantity {
	return append(named(c.Metrics, p.Metrics).Quantities(), named(c.Attacks, p.Attacks).Quantities()...)
}

// named are the entries of a set that a plan names.
func named[T any](set audit.Set[T], items []audit.Item) audit.Set[T] {
	var out audit.Set[T]
	for _, e := range set {
		for _, it := range items {
			if it.Kind == e.Name {
				out = append(out, e)
				break
			}
		}
	}
	return out
}
