package audit

import (
	"encoding/json"
	"strings"
)

// An Item is a named thing of a plan with its parameters, already decoded
// strictly and with every default filled in.
type Item struct {
	Kind       string          `json:"kind"`
	As         string          `json:"as,omitempty"`         // the name in tables; Kind if empty
	Params     json.RawMessage `json:"params"`               // canonical JSON of the typed parameters
	Own        bool            `json:"own,omitempty"`        // of attacks: its settings are not those that error rates were measured with
	Replicates string          `json:"replicates,omitempty"` // of methods: what it is one of several of, which are counted together
	Retain     string          `json:"retain,omitempty"`     // of methods: proxy for one that gets the proxies instead of the retained images
}

// Name is As, or Kind with - for /: names become folders.
func (i Item) Name() string {
	if i.As != "" {
		return i.As
	}
	return strings.ReplaceAll(i.Kind, "/", "-")
}

// A Plan fixes an audit before anything runs: data, forget set, task, model,
// training, methods, measurements, margins and claims.
type Plan struct {
	Version   int        `json:"lethe"`
	Name      string     `json:"name"`
	Seed      uint64     `json:"seed"`
	Data      Item       `json:"data"`
	Forget    Forgets    `json:"forget"`
	Task      Item       `json:"task"`
	Model     Item       `json:"model"`
	Train     Train      `json:"train"`
	Original  *Weights   `json:"original,omitempty"`  // where the original is not trained here
	Secret    *Secret    `json:"secret,omitempty"`    // what (ε, δ) noise is drawn from; from the seed where there is none
	Oracles   int        `json:"oracles"`             // retrained models; those to begin with where the yardstick adds some
	Yardstick *Yardstick `json:"yardstick,omitempty"` // what the plan says of them besides
	Shadows   int        `json:"shadows,omitempty"`   // originals with other seeds, unlearned by every method: attacks learn from them
	Methods   []Item     `json:"methods"`
	Features  Item       `json:"features"`
	Metrics   []Item     `json:"metrics"`
	Attacks   []Item     `json:"attacks"`
	Profile   string     `json:"profile,omitempty"` // the family of criteria, where the plan names one
	Criteria  []Item     `json:"criteria"`
	Alpha     float64    `json:"alpha"`
	Claims    []Claim    `json:"claims"`
}

// Forgets says which training images are to be forgotten.
type Forgets struct {
	Kind     string   `json:"kind"`               // random, class, list
	Fraction float64  `json:"fraction,omitempty"` // of the training images, for random
	Classes  []string `json:"classes,omitempty"`  // names or numbers, for class
	File     string   `json:"file,omitempty"`     // one index or file name per line, for list
	// Images that no model is trained on, as stand-ins for the retained ones in methods with retain: proxy: a share of
	// what is not to be forgotten, or the images of classes.
	Proxy        float64  `json:"proxy,omitempty"`
	ProxyClasses []string `json:"proxyClasses,omitempty"`
	// Images of a proxy class at most; 0 for all.
	ProxyPerClass int `json:"proxyPerClass,omitempty"`

	Poisoned float64 `json:"poisoned"`          // share of the forget set that carries the trigger
	Trigger  string  `json:"trigger,omitempty"` // patch (the default), blend, sparse
}

// Train says how the original and the retrained models are trained.
type Train struct {
	Epochs    int       `json:"epochs"`
	Batch     int       `json:"batch"`
	LR        float64   `json:"lr"`                  // Adam's, falling to zero along a half cosine
	Precision Precision `json:"precision,omitempty"` // of products and convolutions in training steps, those of methods too
}

// Weights are a model's in a file: safetensors, or a PyTorch checkpoint.
type Weights struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"` // of the file; filled in when the plan is read, so that no other is taken for it
}

// A Secret is a file of secret bytes. The plan commits to them: where the file lies is of no account, and what it holds is
// for nobody to read.
type Secret struct {
	Path       string `json:"-"`          // empty where models that are made already are only reported on
	Commitment Digest `json:"commitment"` // filled in when the plan is read, so that no other is taken for it
}

// Digest identifies the plan by its content.
func (p Plan) Digest() (Digest, error) { return DigestJSON(p) }
