package audit

import (
	"fmt"
	"math"
)

// Part names the images a sample was measured on.
type Part string

// The parts of the data. Poisoned images are the part of the forget set that
// carries the attacker's trigger and target; Forget is the rest of it.
const (
	Forget    Part = "forget"
	Poisoned  Part = "poisoned"
	Retain    Part = "retain"
	Test      Part = "test"
	Triggered Part = "triggered" // test images with the trigger put on
)

// The fields of view.
const (
	Hole  = "hole"  // the painted region alone
	Image = "image" // all of the image
)

// Direction says which way is better when a quantity is read on its own.
type Direction string

// The directions.
const (
	Lower   Direction = "lower"
	Higher  Direction = "higher"
	Neutral Direction = "neutral" // closer to the retrained models is better
)

// Directions lists every direction.
var Directions = []Direction{Lower, Higher, Neutral}

// Unit of a sample's values: one value per image, or one per resample of the
// images (metrics of whole sets). Resample 0 is the full set.
type Unit string

// The units.
const (
	PerImage    Unit = "image"
	PerResample Unit = "resample"
)

// Units lists every unit.
var Units = []Unit{PerImage, PerResample}

// A Sample holds raw measurements of one quantity, never averages, so that any
// verdict can be recomputed from it.
type Sample struct {
	Quantity  string    `json:"quantity"`          // for example "mse"
	Setting   string    `json:"setting,omitempty"` // of an attack that measures the same at several settings, for example "0.1"
	Part      Part      `json:"part"`              // which images
	View      string    `json:"view"`              // field of view: "image" or "hole"
	Identity  string    `json:"identity"`          // everything that determines the number; see metrics.Identity
	Direction Direction `json:"direction"`         // which way is better
	Unit      Unit      `json:"unit"`              // what one value belongs to
	Index     []int     `json:"index,omitempty"`   // the images' indices in their data set, for PerImage
	Values    []float64 `json:"values"`            //
	Warnings  []string  `json:"warnings,omitempty"`
}

// Name is the quantity with its setting, for people: "neighbour-error@0.1".
func (s Sample) Name() string {
	if s.Setting == "" {
		return s.Quantity
	}
	return s.Quantity + "@" + s.Setting
}

// Key identifies a sample within a subject.
func (s Sample) Key() string { return s.Name() + "/" + s.View + "/" + string(s.Part) }

// Check reports values that may not enter a report: none at all, NaN or
// infinities, or a number of values that does not match the images.
func (s Sample) Check() error {
	if len(s.Values) == 0 {
		return fmt.Errorf("sample %s is empty", s.Key())
	}
	if s.Unit == PerImage && len(s.Index) != len(s.Values) {
		return fmt.Errorf("sample %s: %d values for %d images", s.Key(), len(s.Values), len(s.Index))
	}
	for i, v := range s.Values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("sample %s: value %d is %v", s.Key(), i, v)
		}
	}
	return nil
}

// Mean is the value a table shows: the mean over images, or the full-set value
// of a set metric.
func (s Sample) Mean() float64 {
	if s.Unit == PerResample {
		return s.Values[0]
	}
	var sum float64
	for _, v := range s.Values {
		sum += v
	}
	return sum / float64(len(s.Values))
}

// SE is the standard error of Mean over images: s/√n, or the standard deviation
// over resamples. It is zero for a single value.
func (s Sample) SE() float64 {
	v := s.Values
	if s.Unit == PerResample {
		v = v[1:]
	}
	n := float64(len(v))
	if n < 2 {
		return 0
	}
	var m, q float64
	for _, x := range v {
		m += x / n
	}
	for _, x := range v {
		q += (x - m) * (x - m)
	}
	sd := math.Sqrt(q / (n - 1))
	if s.Unit == PerResample {
		return sd
	}
	return sd / math.Sqrt(n)
}
