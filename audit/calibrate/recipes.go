package calibrate

import (
	"encoding/json"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
)

// Otherwise is the kind of models that were honestly retrained by another recipe than the oracles: an outsider's recipe is
// not known to Lethe, and none of these differences makes a model remember. They are judged by every criterion.
const Otherwise = "otherwise"

// A Recipe is one such difference: parameters of retrain, for what the plan trains by.
type Recipe struct {
	Name   string
	Params func(t audit.Train) map[string]any
}

// Recipes are harmless differences, in an order in which neighbours have little in common, so that a few of them are
// different ones. Factors are of the plan's own numbers.
var Recipes = []Recipe{
	{"batch-double", func(t audit.Train) map[string]any { return map[string]any{"batch": 2 * t.Batch} }},
	{"epochs-double", func(audit.Train) map[string]any { return map[string]any{"epochs": 2} }},
	{"bfloat16", func(audit.Train) map[string]any { return map[string]any{"precision": "bfloat16"} }},
	{"lr-half", func(t audit.Train) map[string]any { return map[string]any{"lr": t.LR / 2} }},
	{"tenth-fewer", func(audit.Train) map[string]any { return map[string]any{"drop": 0.1} }},
	{"early-stop", func(audit.Train) map[string]any { return map[string]any{"stop": 0.73} }},
	{"decay", func(audit.Train) map[string]any { return map[string]any{"decay": 0.01} }},
	{"batch-half", func(t audit.Train) map[string]any { return map[string]any{"batch": max(1, t.Batch/2)} }},
	{"lr-more", func(t audit.Train) map[string]any { return map[string]any{"lr": 1.5 * t.LR} }},
	{"epochs-fewer", func(audit.Train) map[string]any { return map[string]any{"epochs": 0.667} }},
	{"warm-up", func(audit.Train) map[string]any { return map[string]any{"schedule": "warm-up"} }},
	{"epochs-more", func(audit.Train) map[string]any { return map[string]any{"epochs": 1.33} }},
	{"linear", func(audit.Train) map[string]any { return map[string]any{"schedule": "linear"} }},
	{"constant", func(t audit.Train) map[string]any {
		return map[string]any{"schedule": "constant", "lr": t.LR / 2}
	}},
}

// Others are the plan items of n models by other recipes, one after the other through the list, on from the first-th
// (0 for the first): worlds that go on where the last one ended have all of them in the end.
func Others(t audit.Train, first, n int) ([]audit.Item, error) {
	var out []audit.Item
	for i := range n {
		r := Recipes[(first+i)%len(Recipes)]
		params := map[string]any{"epochs": 1}
		for k, v := range r.Params(t) {
			params[k] = v
		}
		b, err := json.Marshal(params)
		if err != nil {
			return nil, fmt.Errorf("recipe %s: %w", r.Name, err)
		}
		out = append(out, audit.Item{Kind: "retrain", As: fmt.Sprintf("%s-%02d-%s", Otherwise, i+1, r.Name), Replicates: Otherwise, Params: b})
	}
	return out, nil
}
