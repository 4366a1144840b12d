package engine

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/methods"
)

// keys computes every cell's key: the digest of all that determines its result, its code included.
func (r *run) keys() error {
	p, cat := r.Plan, r.Catalogue
	common := []any{entry(cat.Data, p.Data), entry(cat.Tasks, p.Task), entry(cat.Families, p.Model)}
	base := []any{r.info.Key(), r.dev.String(), r.threads, r.data, p.Data, p.Forget.Trigger, p.Task, p.Model, p.Train, r.corpus.Seed}
	var oracles []audit.Digest
	for _, c := range r.all() {
		code, err := r.coder.digest(making, append(common, entry(cat.Unlearners(c.item.Kind), c.item))...)
		if err != nil {
			return err
		}
		what := []any{code, base, c.base == nil, c.item.Kind, c.item.Params, c.seed}
		if c == r.cells[0] && p.Original != nil {
			what = append(what, p.Original.SHA256)
		}
		if p.Secret != nil && c.noised() {
			what = append(what, p.Secret)
		}
		if c.item.Retain != "" {
			what = append(what, c.item.Retain)
		}
		if c.fromOriginal() {
			what = append(what, c.base.key)
		}
		if methods.NeedsOf(c.method).Lambda {
			what = append(what, oracles)
		}
		if c.key, err = audit.DigestJSON(what); err != nil {
			return err
		}
		if c.role == audit.RoleOracle {
			oracles = append(oracles, c.key)
		}
	}
	var err error
	if r.lambdaKey, err = audit.DigestJSON([]any{"lambda", r.cells[0].key, oracles}); err != nil {
		return err
	}
	for _, c := range r.all() {
		if err := r.sampleKeys(c, oracles); err != nil {
			return err
		}
	}
	return r.reportCode()
}

// sampleKeys computes the keys of what metrics and attacks find on a cell.
func (r *run) sampleKeys(c *cell, oracles []audit.Digest) error {
	p, cat := r.Plan, r.Catalogue
	items := []any{entry(cat.Features, p.Features)}
	for _, it := range p.Metrics {
		items = append(items, entry(cat.Metrics, it))
	}
	code, err := r.coder.digest(measuring, items...)
	if err != nil {
		return err
	}
	seen := []any{c.key, c.name, r.cells[0].key, oracles, r.extractor.Identity()}
	if c.measured, err = audit.DigestJSON([]any{code, seen, p.Metrics}); err != nil {
		return err
	}
	c.attacks = make([]attacked, len(p.Attacks))
	c.attacked = make([]audit.Digest, len(p.Attacks))
	for i, it := range p.Attacks {
		if code, err = r.coder.digest(attacking, items[0], entry(cat.Attacks, it)); err != nil {
			return err
		}
		if c.attacked[i], err = audit.DigestJSON([]any{code, seen, it}); err != nil {
			return err
		}
	}
	return nil
}

// reportCode computes the digest of all code that the report depends on: the engine with the statistics and verdicts, and
// every item that the plan names.
func (r *run) reportCode() error {
	p, cat := r.Plan, r.Catalogue
	items := []any{entry(cat.Data, p.Data), entry(cat.Tasks, p.Task), entry(cat.Families, p.Model), entry(cat.Features, p.Features)}
	for _, c := range r.cells {
		items = append(items, entry(cat.Unlearners(c.item.Kind), c.item))
	}
	for _, it := range p.Metrics {
		items = append(items, entry(cat.Metrics, it))
	}
	for _, it := range p.Attacks {
		items = append(items, entry(cat.Attacks, it))
	}
	for _, it := range p.Criteria {
		items = append(items, entry(cat.Criteria, it))
	}
	var err error
	r.code, err = r.coder.digest(reporting, items...)
	return err
}
