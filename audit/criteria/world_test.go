package criteria

import (
	"math"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit"
)

// A world draws the samples of synthetic audits, with the spreads that retrained
// models show: what an image gives differs by 0.35 in the logarithm from model to
// model (the errors that membership looks at by 0.2; 0.17 in the plan shapes), and
// the mean over images by 0.03 from seed to seed.
type world struct {
	rng                *rand.Rand
	oracles            int
	forget, poisoned   int
	retain, test, trig int
	image, error, seed float64
	base               map[string][]float64 // of every image, shared by all models
}

func newWorld(seed uint64) *world {
	w := &world{rng: rand.New(rand.NewPCG(seed, 77)), oracles: 4, forget: 96, poisoned: 32, retain: 256, test: 384, trig: 256,
		image: 0.35, error: 0.2, seed: 0.03}
	w.base = map[string][]float64{}
	return w
}

// A model says how a model differs from retrained ones, in logarithms.
type model struct {
	name, kind string
	role       audit.Role

	forget, test, retain float64 // errors
	kept                 float64 // share of the forget images whose errors are the original's
	trigger              float64 // distance to the attacker's picture with the trigger on
	displaced            float64 // displacement; still models do not move at all
	still                bool
	spread, gradient     float64
	distance, fd         float64 // to the oracles' paintings
}

// The models of an audit.
var (
	original = model{name: "original", kind: "original", role: audit.RoleOriginal, forget: -1, retain: 0.3, trigger: -6,
		still: true, gradient: -0.9, distance: 0.4}
	honest  = model{name: "honest", kind: "retrain", role: audit.RoleControl}
	nothing = model{name: "random-weights", kind: "random-weights", role: audit.RoleControl, forget: 0.2, test: 0.1,
		retain: 1.5, spread: -2.4, gradient: -2.3, distance: 0.8, fd: 3}
)

func oracle(name string) model { return model{name: name, kind: "retrain", role: audit.RoleOracle} }

// logsOf draws n logarithms around the images' base: shift, one deviation of the
// model's, and one of every image.
func (w *world) logsOf(key string, n int, centre, shift float64) []float64 {
	if w.base[key] == nil {
		for range n {
			w.base[key] = append(w.base[key], centre+0.6*w.rng.NormFloat64())
		}
	}
	s, noise := w.seed*w.rng.NormFloat64(), w.image
	if key == "forget" || key == "test" {
		noise = w.error
	}
	out := make([]float64, n)
	for i := range out {
		out[i] = w.base[key][i] + shift + s + noise*w.rng.NormFloat64()
	}
	return out
}

// fixed draws what is the same for every model.
func (w *world) fixed(key string, n int, centre float64) []float64 {
	if w.base[key] == nil {
		for range n {
			w.base[key] = append(w.base[key], centre+w.image*w.rng.NormFloat64())
		}
	}
	return w.base[key]
}

func exps(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = math.Exp(x)
	}
	return out
}

func perImage(quantity string, p audit.Part, values []float64) audit.Sample {
	idx := make([]int, len(values))
	for i := range idx {
		idx[i] = i
	}
	return audit.Sample{Quantity: quantity, Part: p, View: "hole", Identity: quantity + " v1", Direction: audit.Neutral,
		Unit: audit.PerImage, Index: idx, Values: values}
}

// subject draws a model's samples.
func (w *world) subject(m model) *audit.Subject {
	s := &audit.Subject{Name: m.name, Kind: m.kind, Role: m.role}
	add := func(x audit.Sample) { s.Samples = append(s.Samples, x) }
	test := exps(w.logsOf("test", w.test, -1.4, m.test))
	errors := w.logsOf("forget", w.forget, -1.3, m.forget)
	for i := range int(m.kept * float64(w.forget)) {
		errors[i] += original.forget
	}
	add(perImage("reconstruction-error", audit.Forget, exps(errors)))
	add(perImage("reconstruction-error", audit.Test, test))
	add(perImage("mse", audit.Retain, exps(w.logsOf("retain", w.retain, -2.7, m.retain))))
	add(perImage("mse", audit.Test, test))
	add(perImage("mean-image-error", audit.Test, exps(w.fixed("mean image", w.test, -1))))
	without := w.logsOf("target", w.trig, 0.2, 0)
	with := make([]float64, len(without))
	s2 := w.seed * w.rng.NormFloat64()
	for i := range with { // the same image with and without: most of its spread is shared
		with[i] = without[i] + m.trigger + s2 + 0.5*w.image*w.rng.NormFloat64()
	}
	add(perImage("target-distance", audit.Triggered, exps(with)))
	add(perImage("target-distance", audit.Test, exps(without)))
	for _, p := range []audit.Part{audit.Forget, audit.Poisoned} {
		n := w.forget
		if p == audit.Poisoned {
			n = w.poisoned
		}
		v := exps(w.logsOf("displacement "+string(p), n, 3, m.displaced))
		if m.still {
			clear(v)
		}
		add(perImage("displacement", p, v))
	}
	add(perImage("spread", audit.Forget, exps(w.logsOf("spread", w.forget, -0.8, m.spread))))
	add(perImage("gradient", audit.Forget, exps(w.logsOf("gradient", w.forget, -3, m.gradient))))
	add(perImage("oracle-distance", audit.Forget, exps(w.logsOf("distance", w.forget, -0.7, m.distance))))
	add(w.resamples(m.fd))
	return s
}

// resamples draws a set metric: resamples of the same images move all models
// together, and each a little alone.
func (w *world) resamples(shift float64) audit.Sample {
	const n = 40
	if w.base["fd"] == nil {
		w.base["fd"] = []float64{-1}
		for range n {
			w.base["fd"] = append(w.base["fd"], -1+0.15*w.rng.NormFloat64())
		}
	}
	full := shift + 0.1*w.rng.NormFloat64()
	out := make([]float64, 1+n)
	for b := range out {
		own := 0.0
		if b > 0 {
			own = 0.08 * w.rng.NormFloat64()
		}
		out[b] = w.base["fd"][b] + full + own
	}
	return audit.Sample{Quantity: "oracle-fd(fixture)", Part: audit.Forget, View: "image", Identity: "fd v1",
		Direction: audit.Lower, Unit: audit.PerResample, Values: exps(out)}
}

// audit draws the original, the oracles, random weights and the models given.
func (w *world) audit(models ...model) []*audit.Subject {
	out := []*audit.Subject{w.subject(original)}
	for k := range w.oracles {
		out = append(out, w.subject(oracle("oracle-"+string(rune('1'+k)))))
	}
	out = append(out, w.subject(nothing))
	for _, m := range models {
		out = append(out, w.subject(m))
	}
	return out
}

// all is every criterion with margins of its own: the defaults may change.
func all() []Named {
	return []Named{
		{Name: "membership", Criterion: &Membership{Margin: 0.2, Share: 0.15}}, {Name: "backdoor", Criterion: &Backdoor{Margin: 0.1}},
		{Name: "ood", Criterion: &OOD{Margin: 0.15, Quantile: 0.1}},
		{Name: "realism", Criterion: &Realism{Spread: 0.2, Gradient: 0.5, Distance: 0.2, FD: 0.7}},
		{Name: "utility", Criterion: &Utility{Retain: 0.5, Test: 0.15}},
	}
}

// only is one of them.
func only(name string) []Named {
	for _, c := range all() {
		if c.Name == name {
			return []Named{c}
		}
	}
	return nil
}

const alpha = 0.05

// verdictOf finds a subject's verdict.
func verdictOf(vs []audit.Verdict, subject, criterion string) audit.Verdict {
	for _, v := range vs {
		if v.Subject == subject && v.Criterion == criterion {
			return v
		}
	}
	return audit.Verdict{}
}
