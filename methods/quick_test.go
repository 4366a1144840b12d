package methods

import (
	"encoding/json"

	"github.com/lethe-audit/lethe/audit"
)

// A Form is a method at parameters that take little time.
type Form struct{ Label, Kind, Params string }

// Forms has every method that needs no file, some at several parameters.
var Forms = []Form{
	{"decouple", "decouple", `{"ascentSteps": 5, "finishEffort": 0.02}`},
	{"decouple on the decoder", "decouple",
		`{"ascentSteps": 3, "finishEffort": 0.02, "part": "decoder", "retention": "distillation", "lambdaFrom": "ood"}`},
	{"decouple with noise", "decouple", `{"ascentSteps": 3, "finishEffort": 0.02, "optimizer": "sgd", "epsilon": 5, "delta": 1e-3}`},
	{"noise-matching", "noise-matching", `{"effort": 0.02}`},
	{"random-labels", "random-labels", `{"effort": 0.02, "lr": 1e-3}`},
	{"noisy-labels", "noisy-labels", `{"effort": 0.02, "lr": 1e-3}`},
	{"max-loss", "max-loss", `{"effort": 0.02, "lr": 1e-3, "alphaRetain": 1, "alphaForget": 0.2, "clip": 1}`},
	{"retain-label", "retain-label-as-described", `{"effort": 0.02, "lr": 1e-3}`},
	{"retain-label as released", "retain-label-as-released", `{"effort": 0.02, "lr": 1e-3}`},
	{"random-encoder", "random-encoder-as-described", `{"effort": 0.02, "lr": 1e-3}`},
	{"random-encoder as released", "random-encoder-as-released", `{"effort": 0.02, "lr": 1e-3}`},
	{"neggrad+", "neggrad+", `{"effort": 0.02, "lr": 1e-3, "beta": 0.9, "clip": 1}`},
	{"joint", "joint", `{"effort": 0.02, "lr": 1e-3, "alpha": 0.5, "bound": 0, "clip": 1}`},
	{"scrub", "scrub", `{"effort": 0.04, "maxEffort": 1}`}, // the first step away has no gradient
	{"salun", "salun", `{"effort": 0.02, "lr": 1e-3, "share": 0.5}`},
	{"ssd", "ssd", `{"alpha": 1, "lambda": 1}`},
	{"erase-diff", "erase-diff", `{"effort": 0.02, "lr": 1e-3, "eta": 0.1}`},
	{"l1-sparse", "l1-sparse", `{"effort": 0.02, "lr": 1e-3, "gamma": 1e-5}`},
	{"selective-amnesia", "selective-amnesia", `{"effort": 0.02, "lr": 1e-3, "lambda": 1, "gamma": 1}`},
	{"rewind", "rewind", `{"back": 0.5}`},
	{"shrink-perturb", "shrink-perturb", `{"shrink": 0.5, "perturb": 0.5, "effort": 0.02, "lr": 1e-3}`},
	{"certified", "certified", `{"effort": 0.02, "finish": 0.02}`},
	{"fine-tune", "fine-tune", `{"effort": 0.02, "lr": 1e-3}`},
	{"retrain", "retrain", `{"epochs": 1}`},
	{"retrain by another recipe", "retrain",
		`{"epochs": 2, "stop": 0.75, "batch": 7, "lr": 5e-4, "schedule": "warm-up", "decay": 0.01, "drop": 0.1, "precision": "bfloat16"}`},
	{"original", "original", ``},
	{"random-weights", "random-weights", ``},
}

// quick makes the forms, by their labels.
func quick() map[string]Method {
	out := map[string]Method{}
	for _, f := range Forms {
		m, err := All.Configure(audit.Item{Kind: f.Kind, Params: json.RawMessage(f.Params)})
		if err != nil {
			panic(err)
		}
		out[f.Label] = m
	}
	return out
}
