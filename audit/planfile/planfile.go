// Package planfile reads plans: strictly, with every default filled in and every
// problem named with its line and column.
package planfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/fixtures"
	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/weights"

	"github.com/lethe-audit/lethe/audit/catalogue"
)

// Read reads the plan at a path, whose items are those of a catalogue, or an embedded one by its name. Settings of the
// form key=value, with dots for nesting, are put in before anything is checked.
func Read(cat *catalogue.Catalogue, path string, settings ...string) (audit.Plan, error) {
	b, err := os.ReadFile(path)
	if err != nil && !strings.ContainsAny(path, `./\`) { // a folder of an embedded plan's name may be at hand
		if own, none := fixtures.Plan(path); none == nil {
			b, err = own, nil
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return audit.Plan{}, fmt.Errorf("no plan %q: give a file, or one of the plans that come with lethe: %s", path,
			strings.Join(fixtures.PlanNames(), ", "))
	}
	if err != nil {
		return audit.Plan{}, fmt.Errorf("read plan: %w", err)
	}
	return Parse(cat, path, b, settings...)
}

// Parse reads a plan's bytes; name is for messages. Embedded plans name only what comes with Lethe.
func Parse(cat *catalogue.Catalogue, name string, b []byte, settings ...string) (audit.Plan, error) {
	d := &decoder{cat: cat, file: name, settings: settings}
	root, err := document(name, b)
	if err != nil {
		return audit.Plan{}, err
	}
	for i, s := range settings {
		if err := set(root, s, -1-i); err != nil {
			return audit.Plan{}, err
		}
	}
	p := d.plan(root)
	return p, d.err()
}

// top is the plan's first level; items are decoded by their kinds.
type top struct {
	Lethe    int       `json:"lethe"`
	Name     string    `json:"name"`
	Seed     uint64    `json:"seed"`
	Data     yaml.Node `json:"data"`
	Forget   yaml.Node `json:"forget"`
	Task     yaml.Node `json:"task"`
	Model    yaml.Node `json:"model"`
	Train    yaml.Node `json:"train"`
	Original yaml.Node `json:"original"`
	Secret   yaml.Node `json:"secret"`
	Oracles  yaml.Node `json:"oracles"`
	Shadows  int       `json:"shadows"`
	Methods  yaml.Node `json:"methods"`
	Features yaml.Node `json:"features"`
	Metrics  yaml.Node `json:"metrics"`
	Attacks  yaml.Node `json:"attacks"`
	Profile  string    `json:"profile"`
	Criteria yaml.Node `json:"criteria"`
	Alpha    float64   `json:"alpha"`
	Claims   yaml.Node `json:"claims"`
}

func (d *decoder) plan(root *yaml.Node) audit.Plan {
	t := top{Name: "audit", Alpha: 0.05}
	d.into(root, &t, "plan")
	p := audit.Plan{Version: t.Lethe, Name: t.Name, Seed: t.Seed, Shadows: t.Shadows, Alpha: t.Alpha}
	at := func(key string) *yaml.Node {
		for i := 0; i+1 < len(root.Content); i += 2 {
			if root.Content[i].Value == key {
				return root.Content[i]
			}
		}
		return root
	}
	if t.Lethe != 1 {
		d.fail(at("lethe"), "lethe: the plan's version must be 1")
	}
	if !named.MatchString(t.Name) {
		d.fail(at("name"), "name is %q: %s", t.Name, nameRule)
	}
	d.oracles(&t.Oracles, at("oracles"), &p)
	if t.Shadows < 0 || t.Shadows == 1 || t.Shadows > 100 {
		d.fail(at("shadows"), "shadows is %d: want none, or 2 to 100 originals with other seeds", t.Shadows)
	}
	if !(t.Alpha > 0 && t.Alpha < 0.5) {
		d.fail(at("alpha"), "alpha is %v: want an error rate between 0 and 0.5", t.Alpha)
	}
	p.Data = item(d, &t.Data, at("data"), "data", d.cat.Data)
	p.Task = item(d, &t.Task, at("task"), "task", d.cat.Tasks)
	p.Model = item(d, &t.Model, at("model"), "model", d.cat.Families)
	if t.Features.Kind == 0 {
		p.Features = audit.Item{Kind: "fixture", Params: json.RawMessage("{}")}
	} else {
		p.Features = item(d, &t.Features, at("features"), "features", d.cat.Features)
	}
	p.Train = train
	if t.Train.Kind != 0 {
		d.into(&t.Train, &p.Train, "train")
	}
	d.precision(at("train"), &p)
	if p.Train.Epochs < 1 || p.Train.Batch < 1 || !(p.Train.LR > 0) || math.IsInf(p.Train.LR, 0) {
		d.fail(at("train"), "train: epochs %d, batch %d and lr %v must be positive", p.Train.Epochs, p.Train.Batch, p.Train.LR)
	}
	if t.Original.Kind != 0 {
		p.Original = &audit.Weights{}
		before := len(d.problems)
		d.into(&t.Original, p.Original, "original")
		if len(d.problems) == before {
			d.validate(&t.Original, "original", weightsFile{p.Original})
		}
		if len(d.problems) == before {
			var err error
			if p.Original.SHA256, err = weights.Seal(p.Original.Path, p.Original.SHA256); err != nil {
				d.fail(&t.Original, "original: %v", err)
			}
		}
	}
	p.Secret = d.secret(&t.Secret)
	p.Forget = audit.Forgets{Kind: "random", Fraction: 0.25}
	before := len(d.problems)
	if t.Forget.Kind != 0 {
		p.Forget = audit.Forgets{}
		d.into(&t.Forget, &p.Forget, "forget")
	}
	if msg := forgets(p.Forget); msg != "" && len(d.problems) == before {
		d.fail(at("forget"), "forget: %s", msg)
	}
	p.Methods = d.methods(&t.Methods, p.Forget.Proxy > 0 || len(p.Forget.ProxyClasses) > 0)
	p.Metrics = items(d, &t.Metrics, "metrics", d.cat.Metrics)
	p.Attacks = items(d, &t.Attacks, "attacks", d.cat.Attacks)
	crit, others := d.family(at("profile"), &t, p.Model.Kind)
	p.Profile = t.Profile
	p.Criteria = byName(d, &t.Criteria, "criteria", d.cat.Criteria, crit)
	d.complete(&p, others)
	d.claims(&t.Claims, &p)
	return p
}

// precision checks that the family can be trained in the plan's precision. The default precision is stored as no name, so
// that naming it changes no digest.
func (d *decoder) precision(n *yaml.Node, p *audit.Plan) {
	var err error
	if p.Train.Precision, err = audit.ParsePrecision(string(p.Train.Precision)); err == nil {
		if f, unknown := d.cat.Families.New(p.Model.Kind); unknown == nil { // an unknown family was reported before
			err = models.Trains(f, p.Train.Precision)
		}
	}
	if err != nil {
		d.fail(n, "train: %v", err)
	}
}

// weightsFile checks that a file of weights is named properly.
type weightsFile struct{ *audit.Weights }

func (w weightsFile) Validate() error { return weights.Named(w.Path, w.SHA256) }

// family returns the criteria and attacks of the plan's profile. A plan that names neither a profile nor criteria gets the
// first profile; one that names criteria alone gets none. Criteria that cannot judge this kind of models are left out.
func (d *decoder) family(n *yaml.Node, t *top, model string) (crit, others []string) {
	name := t.Profile
	if name == "" {
		if t.Criteria.Kind != 0 {
			return nil, nil
		}
		name = criteria.Profiles[0].Name
	}
	if _, err := criteria.FindProfile(name); err != nil {
		d.fail(n, "profile: %v", err)
	}
	f, _ := d.cat.Families.Find(model)
	has := f.Has
	has.Poison = true // complete removes what needs poison, wherever it was named
	// A criterion that the plan itself names stays, and its verdict NOT APPLICABLE says why.
	for _, e := range d.cat.Criteria {
		if criteria.Within(name, e.Profile) && e.Needs.MetBy(has) {
			crit = append(crit, e.Name)
		}
	}
	return crit, criteria.Members(d.cat.Attacks, name)
}

// train is how models are trained if the plan does not say.
var train = audit.Train{Epochs: 200, Batch: 64, LR: 1e-3}

var forgetKinds = []string{"random", "class", "list"}

func forgets(f audit.Forgets) string {
	switch {
	case !slices.Contains(forgetKinds, f.Kind):
		return fmt.Sprintf("kind is %q: want random, class or list", f.Kind)
	case f.Kind == "random" && !(f.Fraction > 0 && f.Fraction < 1):
		return fmt.Sprintf("fraction is %v: want a share of the training images between 0 and 1", f.Fraction)
	case f.Kind == "class" && len(f.Classes) == 0:
		return "classes is empty: name the classes to forget"
	case f.Kind == "list" && f.File == "":
		return "file is missing: give a list of the images to forget"
	case !(f.Poisoned >= 0 && f.Poisoned < 1):
		return fmt.Sprintf("poisoned is %v: want a share of the forget set from 0 to below 1", f.Poisoned)
	case !(f.Proxy >= 0 && f.Proxy < 1):
		return fmt.Sprintf("proxy is %v: want a share of what is not to be forgotten, from 0 to below 1", f.Proxy)
	case f.Proxy > 0 && len(f.ProxyClasses) > 0:
		return "proxy and proxyClasses are both given: delete one"
	case f.ProxyPerClass < 0 || f.ProxyPerClass > 0 && len(f.ProxyClasses) == 0:
		return fmt.Sprintf("proxyPerClass is %d: want a number of images, or 0 for all, and only beside proxyClasses", f.ProxyPerClass)
	case f.Trigger != "" && !slices.Contains(datasets.Triggers, f.Trigger):
		return fmt.Sprintf("trigger is %q: want one of %s", f.Trigger, strings.Join(datasets.Triggers, ", "))
	}
	return ""
}
