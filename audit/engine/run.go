package engine

import (
	"context"
	"sync"

	"github.com/lethe-audit/lethe/attacks"
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/outputs"
	"github.com/lethe-audit/lethe/internal/secret"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/methods"
	"github.com/lethe-audit/lethe/metrics/measure"
)

// run is one audit in progress.
type run struct {
	Options
	store    *store
	dev      torch.Device
	threads  int
	info     torch.Info
	coder    *coder
	code     audit.Digest // of all that the report depends on
	manifest datasets.Manifest
	data     audit.Digest // of the manifest
	lambda   float64
	secret   *secret.Key // nil where the plan names none, or it is not at hand
	corpus   *corpus.Corpus
	family   models.Family
	metrics  []measure.Metric
	attacks  []attacks.Attack
	cells    []*cell
	shadows  []*cell

	lambdaKey audit.Digest // key of lambda
	retrained int          // models, where the plan's rule added some; 0 before it did
	look      int          // at the same subjects, from 1
	expected  float64      // probability of an honest PASS at which that rule ended

	extractor features.Extractor
	stage     *outputs.Stage
	truth     map[audit.Part]features.Vectors
	ready     sync.Mutex // guards stage and truth
}

// A cell is one model of the audit.
type cell struct {
	name, kind string
	shadowOf   string // the cell that it is a shadow of
	role       audit.Role
	item       audit.Item
	seed       uint64
	method     methods.Method
	base       *cell          // the original that it starts from; nil where it is one
	key        audit.Digest   // of the model
	measured   audit.Digest   // of the metrics' samples
	attacked   []audit.Digest // of each attack's samples

	mu      sync.Mutex
	made    *made
	painted outputs.Model
	samples []audit.Sample // of the metrics
	attacks []attacked
}

// prepare opens everything and lays out the cells.
func (r *run) prepare(ctx context.Context) error {
	p := r.Plan
	var err error
	if r.coder, err = newCoder(r.Catalogue); err != nil {
		return err
	}
	if err := r.unlock(); err != nil {
		return err
	}
	src, err := r.Catalogue.Data.Configure(p.Data)
	if err != nil {
		return err
	}
	train, test, err := src.Open(audit.Seed(p.Seed, "data"))
	if err != nil {
		return err
	}
	unseen, err := r.wantsUnseen()
	if err != nil {
		return err
	}
	split, manifest, err := corpus.Divide(ctx, train, test, src, p.Forget, unseen, audit.Seed(p.Seed, "split"))
	if err != nil {
		return err
	}
	r.manifest = manifest
	if r.data, err = manifest.Digest(); err != nil {
		return err
	}
	task, err := r.Catalogue.Tasks.Configure(p.Task)
	if err != nil {
		return err
	}
	if r.corpus, err = corpus.New(train, test, split, task, r.dev, audit.Seed(p.Seed, "corpus")); err != nil {
		return err
	}
	if r.family, err = r.Catalogue.Families.Configure(p.Model); err != nil {
		return err
	}
	if err := models.Trains(r.family, p.Train.Precision); err != nil {
		return err
	}
	if err := r.family.Check(r.corpus.Shape()); err != nil {
		return err
	}
	from, err := r.Catalogue.Features.Configure(p.Features)
	if err != nil {
		return err
	}
	if r.extractor, err = from.Open(r.dev); err != nil {
		return err
	}
	for _, it := range p.Metrics {
		m, err := r.Catalogue.Metrics.Configure(it)
		if err != nil {
			return err
		}
		r.metrics = append(r.metrics, m)
	}
	for _, it := range p.Attacks {
		a, err := r.Catalogue.Attacks.Configure(it)
		if err != nil {
			return err
		}
		r.attacks = append(r.attacks, a)
	}
	return r.layOut()
}

// free releases what libtorch holds.
func (r *run) free() {
	if r.extractor != nil {
		r.extractor.Free()
	}
	r.freeModels()
}

// freeModels releases the models.
func (r *run) freeModels() {
	for _, c := range r.all() {
		if c.made != nil && c.made.model != nil {
			c.made.model.Params().Free()
		}
		if c.made != nil {
			if m, ok := c.made.audited.(interface{ Free() }); ok {
				m.Free()
			}
		}
	}
}

// oracles lists the oracle cells.
func (r *run) oracles() []*cell {
	var out []*cell
	for _, c := range r.cells {
		if c.role == audit.RoleOracle {
			out = append(out, c)
		}
	}
	return out
}
