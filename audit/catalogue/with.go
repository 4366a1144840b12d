package catalogue

import (
	"errors"
	"fmt"
	"strings"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/sources"
)

// With is the catalogue with more items behind those of each sort. Names that are taken, entries that lack something, and
// items whose package gives no sources are errors.
func (c *Catalogue) With(more Catalogue) (*Catalogue, error) {
	code, err := sources.Set(c.Code).With(more.Code)
	out := &Catalogue{
		Methods: join(c.Methods, more.Methods), Gallery: join(c.Gallery, more.Gallery), Attacks: join(c.Attacks, more.Attacks),
		Metrics: join(c.Metrics, more.Metrics), Criteria: join(c.Criteria, more.Criteria), Families: join(c.Families, more.Families),
		Tasks: join(c.Tasks, more.Tasks), Data: join(c.Data, more.Data), Features: join(c.Features, more.Features), Code: code,
	}
	if err := errors.Join(err, out.Check()); err != nil {
		return nil, err
	}
	return out, nil
}

func join[T any](a, b audit.Set[T]) audit.Set[T] {
	return append(append(audit.Set[T]{}, a...), b...)
}

// Check reports what is wrong with the entries.
func (c *Catalogue) Check() error {
	x := sources.NewIndex(c.Code)
	return errors.Join(
		check(x, "method", c.Methods), check(x, "method of the gallery", c.Gallery), check(x, "attack", c.Attacks),
		check(x, "metric", c.Metrics), check(x, "criterion", c.Criteria), check(x, "model family", c.Families),
		check(x, "task", c.Tasks), check(x, "data set", c.Data), check(x, "source of features", c.Features),
	)
}

// check looks at the entries of one sort.
func check[T any](x *sources.Index, sort string, set audit.Set[T]) error {
	seen := map[string]bool{}
	var errs []error
	fail := func(name, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s %q: %w", sort, name, fmt.Errorf(format, args...)))
	}
	for _, e := range set {
		switch inGallery := strings.HasPrefix(e.Name, GalleryPrefix); {
		case e.Name == "" || strings.TrimSpace(e.Name) != e.Name:
			fail(e.Name, "it has no proper name")
		case seen[e.Name]:
			fail(e.Name, "the name is taken: give the item another")
		case inGallery != strings.HasSuffix(sort, "gallery"):
			fail(e.Name, "names of the gallery, and no others, begin with %s", GalleryPrefix)
		case e.Doc == "" || strings.Contains(e.Doc, "\n"):
			fail(e.Name, "Doc must say in one line what it is")
		case e.New == nil:
			fail(e.Name, "New, which makes it with its default parameters, is missing")
		default:
			if _, err := x.RootOf(e.New); err != nil {
				fail(e.Name, "%w", err)
			}
		}
		for _, q := range e.Leaves {
			if q.Name == "" || q.Head == "" || q.What == "" || q.Direction == "" {
				fail(e.Name, "quantity %q: name, head, what and direction must be given", q.Name)
			}
		}
		seen[e.Name] = true
	}
	return errors.Join(errs...)
}
