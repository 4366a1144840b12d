package planfile

import (
	"fmt"

	"go.yaml.in/yaml/v4"

	"github.com/lethe-audit/lethe/audit"
)

// Retrained models: how many where the plan does not say, at most, and at most where they are added one by one.
const (
	oracles, mostOracles, mostAdded = 3, 100, 16
)

// retrained is the mapping form of oracles; a number alone is its train.
type retrained struct {
	Train int       `json:"train"` // retrained models; with until, those to begin with
	Vary  yaml.Node `json:"vary"`
	Until float64   `json:"until"`
	Most  int       `json:"most"`
}

// oracles decodes how many models are retrained, and how.
func (d *decoder) oracles(n, at *yaml.Node, p *audit.Plan) {
	p.Oracles = oracles
	r := retrained{Train: oracles}
	switch {
	case n.Kind == 0:
		return
	case n.Kind != yaml.MappingNode:
		if err := n.Decode(&p.Oracles); err != nil {
			d.fail(n, "plan: oracles must be a whole number, or a mapping with train, vary, until and most, not %s", describe(n))
			return
		}
		r.Train = p.Oracles
	default:
		before := len(d.problems)
		d.into(n, &r, "oracles")
		if len(d.problems) > before {
			return
		}
		p.Oracles = r.Train
		if r.Vary.Kind != 0 || r.Until != 0 || r.Most != 0 {
			p.Yardstick = &audit.Yardstick{Vary: d.vary(&r.Vary), Until: r.Until, Most: r.Most}
		}
	}
	switch {
	case r.Train < 2:
		d.fail(at, "oracles is %d: at least 2 retrained models are needed to know how retrained models differ among "+
			"themselves", r.Train)
	case r.Train > mostOracles:
		d.fail(at, "oracles is %d: want at most %d retrained models", r.Train, mostOracles)
	}
	d.until(n, at, r, p)
}

// until checks the rule by which retrained models are added.
func (d *decoder) until(n, at *yaml.Node, r retrained, p *audit.Plan) {
	switch {
	case r.Until == 0 && r.Most == 0:
	case r.Until == 0:
		d.fail(n, "oracles: most is %d, and until is missing: give the probability with which an honest model is to PASS, or delete most", r.Most)
	case !(r.Until >= 0.5 && r.Until < 1):
		d.fail(n, "oracles: until is %v: want the probability, from 0.5 to below 1, with which an honest model is to PASS", r.Until)
	case r.Train < 3:
		d.fail(at, "oracles: train is %d: until needs 3 retrained models to begin with, so that each can be held against the others", r.Train)
	default:
		if r.Most == 0 {
			p.Yardstick.Most = max(mostAdded, r.Train)
		}
		if m := p.Yardstick.Most; m < r.Train || m > mostOracles {
			d.fail(n, "oracles: most is %d: want a number from train (%d) to %d", m, r.Train, mostOracles)
		}
	}
}

// vary decodes the lists of values, each of which must be one of retrain.
func (d *decoder) vary(n *yaml.Node) *audit.Recipes {
	if n.Kind == 0 {
		return nil
	}
	v := &audit.Recipes{}
	before := len(d.problems)
	d.into(n, v, "oracles: vary")
	if len(d.problems) > before {
		return v
	}
	if v.String() == "" {
		d.fail(n, "oracles: vary names nothing: list values of a parameter of retrain, for example {batch: [32, 64]}")
	}
	wrong := map[string]bool{}
	for k := 1; k <= mostOracles && d.cat != nil; k++ { // every value comes up within as many models as the longest list has
		params, err := v.Recipe(0, k)
		if err == nil {
			err = d.trainable(params)
		}
		if err != nil && !wrong[err.Error()] {
			wrong[err.Error()] = true
			d.fail(n, "oracles: vary: %v", err)
		}
	}
	return v
}

// trainable checks parameters of retrain.
func (d *decoder) trainable(params []byte) error {
	m, err := d.cat.Methods.Configure(audit.Item{Kind: "retrain", Params: params})
	if err != nil {
		return err
	}
	if c, ok := m.(audit.Validator); ok {
		if err := c.Validate(); err != nil {
			return fmt.Errorf("retrain: %w", err)
		}
	}
	return nil
}
