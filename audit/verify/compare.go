package verify

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"strings"

	"github.com/lethe-audit/lethe/audit"
)

// A checker goes through one report and collects differences.
type checker struct {
	rep     *audit.Report
	rounded bool // numbers may differ in their last digits
	counted int  // samples
	found   Differences
}

// newChecker takes a report that does not say its architecture for one from amd64:
// those that were written before reports said it.
func newChecker(rep *audit.Report) *checker {
	return &checker{rep: rep, rounded: cmp.Or(rep.Runtime.Arch, "amd64") != runtime.GOARCH}
}

func (c *checker) add(d Difference) { c.found = append(c.found, d) }

// compare adds a difference for every field, of structs at any depth, in which two
// values of one type are not the same. It knows no field by name, so that none can
// be forgotten.
func (c *checker) compare(kind Kind, name string, stored, recomputed any) {
	c.walk(Difference{Kind: kind, Name: name}, reflect.ValueOf(stored), reflect.ValueOf(recomputed))
}

func (c *checker) walk(at Difference, stored, recomputed reflect.Value) {
	switch stored.Kind() {
	case reflect.Struct:
		for i := range stored.NumField() {
			next := at
			if f := stored.Type().Field(i); !f.Anonymous {
				next.Field = join(at.Field, f)
			}
			c.walk(next, stored.Field(i), recomputed.Field(i))
		}
		return
	case reflect.Slice:
		if n, m := stored.Len(), recomputed.Len(); n != m {
			at.Field, at.Stored, at.Recomputed = "number of "+at.Field, n, m
			c.add(at)
			return
		}
		for i := range stored.Len() {
			next := at
			next.Field = fmt.Sprintf("%s[%d]", at.Field, i)
			c.walk(next, stored.Index(i), recomputed.Index(i))
		}
		return
	case reflect.Float64:
		if c.same(stored.Float(), recomputed.Float()) {
			return
		}
	default:
		if stored.Equal(recomputed) {
			return
		}
	}
	at.Stored, at.Recomputed = stored.Interface(), recomputed.Interface()
	c.add(at)
}

// join appends a field's name in the report's JSON. That of an outcome is left out:
// "the samples say FAIL" needs no more.
func join(path string, f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	switch {
	case path != "":
		return path + "." + name
	case f.Type == reflect.TypeFor[audit.Outcome]() && f.Name == "Outcome":
		return ""
	}
	return name
}

// Numbers that another architecture computed follow if they agree to rounding.
// Below tiny, estimates are differences of nearly equal numbers, and p-values nil.
const (
	rounding = 1e-9
	tiny     = 1e-14
)

func (c *checker) same(a, b float64) bool {
	if a == b {
		return true
	}
	return c.rounded && math.Abs(a-b) <= rounding*max(math.Abs(a), math.Abs(b))+tiny
}
