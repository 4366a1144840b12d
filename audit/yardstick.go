package audit

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
)

// A Yardstick says of the retrained models what their number does not: that they are
// trained by a family of recipes, or that there are to be more of them until they
// suffice.
type Yardstick struct {
	Vary  *Recipes `json:"vary,omitempty"`
	Until float64  `json:"until,omitempty"` // models are added until an honest one would PASS with this probability
	Most  int      `json:"most,omitempty"`  // and at most so many are retrained
}

// Recipes list the values of parameters of the method retrain, by which retrained
// models differ. What is not listed is as the plan's train says.
type Recipes struct {
	Epochs    []float64 `json:"epochs,omitempty"`
	Stop      []float64 `json:"stop,omitempty"`
	Batch     []int     `json:"batch,omitempty"`
	LR        []float64 `json:"lr,omitempty"`
	Schedule  []string  `json:"schedule,omitempty"`
	Decay     []float64 `json:"decay,omitempty"`
	Drop      []float64 `json:"drop,omitempty"`
	Precision []string  `json:"precision,omitempty"`
}

// Recipe is the recipe of the k-th retrained model, from 1: parameters of retrain.
//
// Each parameter goes through its values anew in an order of its own, drawn from the
// seed (Latin hypercube sampling: McKay, Beckman & Conover, Technometrics 21 (1979)):
// n models hold each of n values once, whatever the others are, and the recipes of the
// first models stay when more are added.
func (r *Recipes) Recipe(seed uint64, k int) (json.RawMessage, error) {
	out := map[string]any{}
	if r != nil {
		v := reflect.ValueOf(*r)
		for i := range v.NumField() {
			values := v.Field(i)
			n := values.Len()
			if n == 0 {
				continue
			}
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			round, place := (k-1)/n, (k-1)%n
			order := rand.New(rand.NewPCG(Seed(seed, "recipes", name), uint64(round))).Perm(n)
			out[name] = values.Index(order[place]).Interface()
		}
	}
	b, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("recipe of retrained model %d: %w", k, err)
	}
	return b, nil
}

// String lists what varies: "batch 32, 64 or 128; lr 0.001 or 0.002".
func (r *Recipes) String() string {
	if r == nil {
		return ""
	}
	var out []string
	v := reflect.ValueOf(*r)
	for i := range v.NumField() {
		var values []string
		for k := range v.Field(i).Len() {
			values = append(values, fmt.Sprint(v.Field(i).Index(k)))
		}
		if len(values) == 0 {
			continue
		}
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		last := len(values) - 1
		text := strings.Join(values[:last], ", ")
		if last > 0 {
			text += " or "
		}
		out = append(out, name+" "+text+values[last])
	}
	return strings.Join(out, "; ")
}

// Retrained is how many retrained models a plan has, at least and at most.
func (p Plan) Retrained() (least, most int) {
	if p.Yardstick != nil && p.Yardstick.Until > 0 {
		return p.Oracles, max(p.Oracles, p.Yardstick.Most)
	}
	return p.Oracles, p.Oracles
}

// Recipe is the k-th retrained model's, from 1.
func (p Plan) Recipe(k int) (json.RawMessage, error) {
	if p.Yardstick == nil {
		return json.RawMessage("{}"), nil
	}
	return p.Yardstick.Vary.Recipe(p.Seed, k)
}
