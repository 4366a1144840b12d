package criteria

import (
	"fmt"
	"reflect"
	"strings"
)

// Alpha is the calibrated error rate: that of every PASS, and of a FAIL among a model's criteria.
const Alpha = 0.05

// Own lists the parameters in which a criterion differs from the calibrated one of its kind, as "margin 0.3 (calibrated
// 0.2)", and says whether one of them makes a PASS easier: a wider margin, or another value of what is no margin.
//
// The calibrated parameters are the defaults. docs/validity.md counts how often they are wrong; of others nobody knows.
func Own(c, calibrated Criterion) (differences []string, wider bool, err error) {
	a, b := reflect.ValueOf(c), reflect.ValueOf(calibrated)
	if a.Type() != b.Type() {
		return nil, false, fmt.Errorf("%T and %T are no criteria of one kind", c, calibrated)
	}
	if a.Kind() != reflect.Pointer || a.Elem().Kind() != reflect.Struct {
		return nil, false, nil
	}
	a, b = a.Elem(), b.Elem()
	for i := range a.NumField() {
		f := a.Type().Field(i)
		if !f.IsExported() || reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			continue
		}
		name := strings.Split(f.Tag.Get("json"), ",")[0]
		differences = append(differences, fmt.Sprintf("%s %v (calibrated %v)", name, a.Field(i), b.Field(i)))
		wider = wider || f.Tag.Get("margin") == "" || f.Type.Kind() != reflect.Float64 || a.Field(i).Float() > b.Field(i).Float()
	}
	return differences, wider, nil
}

// Scale multiplies a criterion's margins: what a stricter or a laxer auditor would have declared. Margins are the fields
// with the tag margin, a pointer to a struct having them: margin:"any" may grow without end, margin:"share" stays at most
// 0.9. What is no margin (a quantile) stays.
func Scale(c Criterion, factor float64) error {
	v := reflect.ValueOf(c)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("criterion %T is no pointer to a struct: it has no margins to scale", c)
	}
	v = v.Elem()
	for i := range v.NumField() {
		f := v.Field(i)
		switch tag := v.Type().Field(i).Tag.Get("margin"); {
		case tag == "":
		case f.Kind() != reflect.Float64 || tag != "any" && tag != "share":
			return fmt.Errorf("criterion %T: field %s has the tag margin:%q: want a float64 with any or share", c, v.Type().Field(i).Name, tag)
		case tag == "share":
			f.SetFloat(min(0.9, f.Float()*factor))
		default:
			f.SetFloat(f.Float() * factor)
		}
	}
	return nil
}
