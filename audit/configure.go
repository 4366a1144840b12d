package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Configure makes an item of a plan: the named one with the plan's parameters in
// the place of its defaults. A parameter that it does not have is an error: a plan
// by another version of lethe may mean something else.
func (s Set[T]) Configure(it Item) (T, error) {
	v, err := s.New(it.Kind)
	if err != nil || len(it.Params) == 0 {
		return v, err
	}
	d := json.NewDecoder(bytes.NewReader(it.Params))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return v, fmt.Errorf("%s: parameters %s: %w", it.Kind, it.Params, err)
	}
	return v, nil
}
