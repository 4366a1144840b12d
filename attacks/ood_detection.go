package attacks

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
	"github.com/lethe-audit/lethe/internal/features"
)

var oodDetectionEntry = audit.Entry[Attack]{
	Name: "ood-detection", Profile: "strict",
	Doc:    "are forget images out of distribution for the model? AUROC of three detectors on what it paints",
	New:    func() Attack { return &OODDetection{K: 5, Ridge: 0.1} },
	Leaves: []audit.Quantity{oodScore, oodAUROC},
}

// What the attack leaves.
var (
	oodScore = audit.Quantity{Name: "ood-score", Head: "OOD", Unit: "the detector's own", Direction: audit.Neutral,
		What: "how far out of distribution a detector (behind the name) finds the painting"}
	oodAUROC = audit.Quantity{Name: "OOD AUROC", Head: "AUROC", Unit: "0…1", Direction: audit.Neutral,
		What: "chance that a detector (behind the name) finds a forget image further out than another one"}
)

// OODDetection asks whether forget images are out of distribution for the model, as the proposed method wants them: by
// what the model paints of them, held against what it paints of retained images, three detectors score every image,
//
//   - error: the squared error over the region;
//   - mahalanobis: (v − μ)ᵀ (Σ + Ridge·tr Σ/d·I)⁻¹ (v − μ) of the painting's features v, with μ and Σ of retained
//     paintings (Lee et al., NeurIPS 2018, arXiv 1807.03888, one class);
//   - knn: the distance of v/‖v‖ from the K-th nearest of retained paintings' (Sun et al., ICML 2022, arXiv 2204.06507).
//
// Retained images of even number are what is known, those of odd number are scored beside forget and test images. The
// AUROC of forget against retained and against test images is to be compared with the retrained models': to them forget
// images are unseen, and no more.
type OODDetection struct {
	K     int     `json:"k"`
	Ridge float64 `json:"ridge"`
}

// detectors in their order.
var detectors = [...]string{"error", "mahalanobis", "knn"}

// Validate checks the parameters.
func (a *OODDetection) Validate() error {
	if a.K < 1 || !(a.Ridge > 0 && a.Ridge <= 100) {
		return fmt.Errorf("k %d and ridge %v: want at least the nearest, and a ridge above 0, at most 100", a.K, a.Ridge)
	}
	return nil
}

// Measure returns every detector's scores of forget, held-out retained, and test images; larger is further out.
func (a *OODDetection) Measure(_ context.Context, t *Target) ([]audit.Sample, error) {
	kept, _, err := t.Painted(t.Subject, audit.Retain)
	if err != nil {
		return nil, err
	}
	known := rowsOf(kept.Vectors, 0, 2)
	if len(known) <= a.K {
		return nil, fmt.Errorf("ood-detection: %d retained images are known, want more than k = %d; retain more", len(known), a.K)
	}
	m, err := newMahalanobis(known, a.Ridge)
	if err != nil {
		return nil, err
	}
	units := make([][]float64, len(known))
	for i, v := range known {
		units[i] = unit(v)
	}
	how := fmt.Sprintf("features=%v k=%d ridge=%g known=%d", t.Features, a.K, a.Ridge, len(known))
	var out []audit.Sample
	for _, p := range []audit.Part{audit.Forget, audit.Retain, audit.Test} {
		b, err := t.Batch("ood-detection", p)
		if err != nil {
			return nil, err
		}
		set, _, err := t.Painted(t.Subject, p)
		if err != nil {
			return nil, err
		}
		from, step := 0, 1
		if p == audit.Retain {
			from, step = 1, 2
		}
		var scores [len(detectors)][]float64
		errs := squaredErrors(set.Images, b.Target, b.View.Region, t.Stage.Size)
		var index []int
		for k, v := range rowsOf(set.Vectors, from, step) {
			i := from + k*step
			index = append(index, t.Stage.Index[p][i])
			for d, s := range [...]float64{errs[i], m.distance(v), kth(unit(v), units, a.K)} {
				scores[d] = append(scores[d], s)
			}
		}
		for d, name := range detectors {
			s := t.Sample(oodScore, name, p, how, scores[d])
			s.Index = index
			out = append(out, s)
		}
	}
	return out, nil
}

// Statistics returns each detector's AUROC.
func (a *OODDetection) Statistics(subject *audit.Subject, _ Models) ([]audit.Statistic, error) {
	var out []audit.Statistic
	for _, d := range detectors {
		f, ok := subject.SampleAt(oodScore.Name, d, audit.Hole, audit.Forget)
		if !ok {
			continue
		}
		for _, p := range []audit.Part{audit.Retain, audit.Test} {
			x, ok := subject.SampleAt(oodScore.Name, d, audit.Hole, p)
			if !ok {
				continue
			}
			auc, err := stats.AUC(x.Values, f.Values)
			if err != nil {
				return nil, err
			}
			ci, err := stats.AUCInterval(x.Values, f.Values, 0.95)
			if err != nil {
				return nil, err
			}
			out = append(out, audit.Statistic{Name: fmt.Sprintf("%s@%s, forget/%s", oodAUROC.Name, d, p), Value: auc,
				Lo: ci.Lo, Hi: ci.Hi, Level: 0.95, Direction: audit.Neutral,
				Identity: fmt.Sprintf("P(%s score < forget score) n=%d+%d", p, len(x.Values), len(f.Values))})
		}
	}
	return out, nil
}

// mahalanobis is the squared distance in a ridged covariance.
type mahalanobis struct {
	mean *mat.VecDense
	chol mat.Cholesky
}

func newMahalanobis(known [][]float64, ridge float64) (*mahalanobis, error) {
	n, d := len(known), len(known[0])
	m := &mahalanobis{mean: mat.NewVecDense(d, nil)}
	for _, v := range known {
		m.mean.AddScaledVec(m.mean, 1/float64(n), mat.NewVecDense(d, v))
	}
	cov := mat.NewSymDense(d, nil)
	diff := mat.NewVecDense(d, nil)
	for _, v := range known {
		diff.SubVec(mat.NewVecDense(d, v), m.mean)
		cov.SymRankOne(cov, 1/float64(n-1), diff)
	}
	load := ridge * mat.Trace(cov) / float64(d)
	for i := range d {
		cov.SetSym(i, i, cov.At(i, i)+load)
	}
	if !m.chol.Factorize(cov) {
		return nil, errors.New("ood-detection: the features of retained paintings do not vary: use other features")
	}
	return m, nil
}

func (m *mahalanobis) distance(v []float64) float64 {
	diff := mat.NewVecDense(len(v), nil)
	diff.SubVec(mat.NewVecDense(len(v), v), m.mean)
	var z mat.VecDense
	if err := m.chol.SolveVecTo(&z, diff); err != nil {
		return math.Inf(1)
	}
	return mat.Dot(diff, &z)
}

// kth is the distance to the k-th nearest.
func kth(v []float64, known [][]float64, k int) float64 {
	d := make([]float64, len(known))
	for i, u := range known {
		for j, x := range u {
			d[i] += (x - v[j]) * (x - v[j])
		}
	}
	slices.Sort(d)
	return math.Sqrt(d[k-1])
}

func unit(v []float64) []float64 {
	var sq float64
	for _, x := range v {
		sq += x * x
	}
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = x / math.Max(math.Sqrt(sq), 1e-12)
	}
	return out
}

// rowsOf are the features of each step-th image.
func rowsOf(v features.Vectors, from, step int) [][]float64 {
	var out [][]float64
	for i := from; i < v.N; i += step {
		row := make([]float64, v.Dim)
		for j := range row {
			row[j] = float64(v.Features[i*v.Dim+j])
		}
		out = append(out, row)
	}
	return out
}
