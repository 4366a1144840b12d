package criteria

import (
	"fmt"
	"reflect"
)

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
