package reports

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
)

// An effect is how far a made-up model lies from retraining: differences of
// logarithms, and its outcomes. The sizes follow a real run with 128 images to
// forget.
type effect struct {
	name, kind             string
	role                   audit.Role
	forget, test, retain   float64 // log error
	trigger                float64 // log distance to the attacker's picture
	spread, gradient, disp float64
	time                   float64
	outcomes               string // membership, backdoor, ood, realism, utility
}

var effects = []effect{
	{"original", "original", audit.RoleOriginal, -1.06, -.04, .05, -5.5, -.02, -.05, -20.5, 1, "FFFPP"},
	{"oracle-1", "retrain", audit.RoleOracle, .02, .01, -.03, .05, .02, .03, .3, .98, ""},
	{"oracle-2", "retrain", audit.RoleOracle, -.04, -.02, .04, -.06, -.04, -.05, -.5, 1.01, ""},
	{"oracle-3", "retrain", audit.RoleOracle, .02, .01, -.01, .01, .02, .02, .2, 1.01, ""},
	{"decouple", "decouple", audit.RoleMethod, -.61, .04, .12, -1.6, -.02, -.2, -6.1, .31, "FFFPI"},
	{"decouple-cycles", "decouple", audit.RoleMethod, -.02, .03, .04, .02, .01, .03, .1, .38, "PPPPP"},
	{"noise-matching", "noise-matching", audit.RoleMethod, -.6, -.1, .57, -.07, -.33, -1.33, -2.5, .09, "FPFFF"},
	{"random-labels", "random-labels", audit.RoleMethod, .04, 0, .39, -.16, -.33, -1.01, -.9, .16, "PIPFF"},
	{"fine-tune-on-the-retained-images", "fine-tune", audit.RoleMethod, -.78, -.02, .05, -1.15, -.07, -.46, -10.5, .16, "FFFPI"},
	{"noisy-labels", "noisy-labels", audit.RoleMethod, 0, 0, 0, 0, 0, 0, 0, 0, ""},
	{"random-weights", "random-weights", audit.RoleControl, .23, .16, 1.57, -.04, -2.4, -2.3, -.4, 0, "PPPFF"},
	{"held-out-retrain", "retrain", audit.RoleControl, .03, 0, .02, -.02, .01, -.02, .4, 1, "PPPIP"},
}

const (
	fixtureFeatures = "fixture"
	fixtureNaN      = "loss is NaN in epoch 3 of 20: lower lr, or clip the gradient"
)

// seeks is what each criterion looks for.
var seeks = map[string]string{"membership": criteria.Influence, "backdoor": criteria.Influence, "ood": criteria.Influence,
	"realism": criteria.Difference, "utility": criteria.Difference}

// quantities are what the made-up models were measured by.
var quantities = []audit.Quantity{
	criteria.MSE,
	{Name: "psnr", Head: "PSNR", Unit: "dB", What: "peak signal-to-noise ratio against the true image"},
	{Name: "ssim", Head: "SSIM", Unit: "at most 1", What: "structural similarity to the true image"},
	{Name: "fd", Head: "FD", Unit: "squared feature units",
		What: "Fréchet distance between the features of outputs and of true images", Main: []string{"forget", "test"}},
	{Name: "kid", Head: "KID", Unit: "no unit", What: "kernel distance between the features of outputs and of true images"},
	{Name: "is", Head: "IS", Unit: "at least 1", What: "Inception-style score of the outputs: distinct and varied"},
	{Name: "FID", Head: "FID", Unit: "squared feature units",
		What: "Fréchet distance in the features of Inception-v3 between outputs and true images", Main: []string{"forget", "test"}},
	criteria.OracleFD, criteria.OracleFID,
	{Name: "embedding", Head: "embed.", Unit: "cosine, at most 1", What: "similarity of the embeddings of output and true image"},
	criteria.Spread, criteria.Gradient, criteria.OracleDistance, criteria.ReconstructionError, criteria.Displacement, criteria.TargetDistance,
	{Name: "membership AUC", Head: "AUC", Unit: "0…1",
		What: "chance that a forget image is reconstructed better than a test image", Main: []string{"attacks"}},
	{Name: "membership TPR@1%FPR", Head: "TPR 1%", Unit: "share, 0…1",
		What: "forget images found out when 1 % of test images are accused wrongly"},
	{Name: "backdoor success", Head: "success", Unit: "share, 0…1", What: "triggered images on which the attacker's picture is reached"},
	criteria.NeighbourError,
}

// synthetic makes a realistic report with n images a part.
func synthetic(n int) *audit.Report {
	r := &audit.Report{
		Schema: audit.Schema, Version: "0.1.0", Code: audit.DigestBytes([]byte("code")), Lambda: 20.5,
		Plan: audit.Plan{
			Version: 1, Name: "shapes-inpainting", Seed: 7, Oracles: 3, Alpha: .05,
			Data:     audit.Item{Kind: "shapes", Params: json.RawMessage(`{"size":32}`)},
			Task:     audit.Item{Kind: "inpaint", Params: json.RawMessage(`{"hole":0.5}`)},
			Model:    audit.Item{Kind: "autoencoder", Params: json.RawMessage(`{"width":32}`)},
			Features: audit.Item{Kind: fixtureFeatures, Params: json.RawMessage(`{}`)},
			Attacks:  []audit.Item{{Kind: "poisoning", Params: json.RawMessage(`{"alpha":0.001,"quantile":0.05}`)}},
			Forget:   audit.Forgets{Kind: "random", Fraction: .25, Poisoned: .5}, Train: audit.Train{Epochs: 200, Batch: 64, LR: 1e-3},
		},
		Runtime:    audit.Runtime{Libtorch: "1.13.1", BLAS: "OpenBLAS 0.3.21", Device: "cpu", Threads: 1, Go: "go1.26", CPU: "x86-64 with AVX2"},
		Quantities: quantities,
		Data: audit.DataSummary{Name: "shapes", Manifest: audit.DigestBytes([]byte("manifest")), Retain: 384, Forget: 64,
			Poisoned: 64, Test: 512, Size: 32},
	}
	digest, err := r.Plan.Digest()
	if err != nil {
		panic(err) // the plan above is a constant
	}
	r.Digest = digest
	for i, e := range effects {
		r.Subjects = append(r.Subjects, e.subject(i, n))
		r.Verdicts = append(r.Verdicts, e.verdicts()...)
	}
	attacked(r)
	for _, s := range r.Oracles() {
		r.Null = append(r.Null, audit.Verdict{Criterion: "membership", Subject: s.Name, Outcome: audit.Pass, Alpha: .05})
	}
	r.Own = []string{"realism: gradient 0.6 (calibrated 0.5)"}
	for _, c := range []audit.Claim{
		{Method: "noise-matching", Outcome: audit.Fail},
		{Method: "held-out-retrain", Criterion: "membership", Outcome: audit.Pass},
		{Method: "held-out-retrain", Outcome: audit.Pass},
		{Method: "decouple", Criterion: "backdoor", Outcome: audit.Pass},
		{Method: "noisy-labels", Outcome: audit.Fail},
	} {
		r.Claims = append(r.Claims, c.Check(r.Verdicts))
	}
	r.Warnings = []string{"3 retrained models: the range between them is a rough guess; 5 would narrow the intervals by about a fifth"}
	return r
}

func (e effect) subject(at, n int) audit.Subject {
	s := audit.Subject{Name: e.name, Kind: e.kind, Role: e.role, Seed: uint64(at), Digest: audit.DigestBytes([]byte(e.name))}
	if e.name == "noisy-labels" {
		s.Error = fixtureNaN
		return s
	}
	if e.time > 0 {
		s.Cost = audit.Cost{Seconds: 44 * e.time, Steps: int(1200 * e.time), Images: int(76800 * e.time), RelativeTime: e.time,
			RelativeWork: e.time * .97}
	}
	g := rand.New(rand.NewPCG(1, uint64(at)))
	for p, part := range []audit.Part{audit.Forget, audit.Poisoned, audit.Retain, audit.Test} {
		level := []float64{-1.3, -1.1, -2.7, -1.35}[p]
		shift := []float64{e.forget, e.forget * .9, e.retain, e.test}[p]
		for v, view := range []string{"hole", "image"} {
			// The same images for every model: their difficulty is shared.
			images := rand.New(rand.NewPCG(2, uint64(p)))
			var mse, psnr, ssim []float64
			for range n {
				m := math.Exp(level + .5*images.NormFloat64() + shift + .12*g.NormFloat64() - 1.4*float64(v))
				mse, psnr, ssim = append(mse, m), append(psnr, 10*math.Log10(4/m)), append(ssim, 1/(1+1.5*m))
			}
			s.Samples = append(s.Samples, perImage("mse", view, part, audit.Lower, mse), perImage("psnr", view, part, audit.Higher, psnr))
			if e.name != "random-labels" || part != audit.Retain { // one method lacks a measurement
				s.Samples = append(s.Samples, perImage("ssim", view, part, audit.Higher, ssim))
			}
		}
		if part == audit.Forget || part == audit.Poisoned {
			s.Samples = append(s.Samples, perImage("displacement", "image", part, audit.Neutral, scatter(g, n, max(0, 20.5+e.disp), .8)))
		}
		if part == audit.Forget || part == audit.Test {
			s.Samples = append(s.Samples,
				perImage("spread", "hole", part, audit.Neutral, scatter(g, n, .449*math.Exp(e.spread), .05)),
				perImage("gradient", "hole", part, audit.Neutral, scatter(g, n, .061*math.Exp(e.gradient), .01)))
		}
		if part != audit.Poisoned {
			fd := []float64{.31, 0, .12, .29}[p] * math.Exp(math.Abs(e.spread)+.3*g.NormFloat64()*.1)
			s.Samples = append(s.Samples, perImage("embedding", "image", part, audit.Higher, scatter(g, n, .93-.1*math.Abs(e.spread), .02)),
				perResample("fd(fixture)", part, audit.Lower, scatter(g, 5, fd, .03)),
				perResample("kid(fixture)", part, audit.Lower, scatter(g, 5, fd/400, .0001)),
				perResample("is(fixture)", part, audit.Higher, scatter(g, 5, 4.1-math.Abs(e.spread), .1)))
		}
	}
	s.Samples = append(s.Samples, perImage("target-distance", "hole", audit.Triggered, audit.Higher,
		scatter(g, n, 1.13*math.Exp(e.trigger), .1*math.Exp(e.trigger))),
		perImage("target-distance", "hole", audit.Test, audit.Higher, scatter(g, n, 1.21, .1)))
	auc := .5 - .38*(e.forget-e.test)
	s.Statistics = []audit.Statistic{
		{Name: "membership AUC", Value: round(auc), Lo: round(auc - .06), Hi: round(min(1, auc+.06)), Level: .95,
			Direction: audit.Lower, Identity: "mse/hole, forget against test"},
		{Name: "membership TPR@1%FPR", Value: round(max(0, auc-.5) * .9), Lo: 0, Hi: round(min(1, auc)), Level: .95,
			Direction: audit.Lower, Identity: "mse/hole"},
		{Name: "backdoor success", Value: round(max(0, -e.trigger-1) / 5), Direction: audit.Lower, Identity: "distance below 0.1"},
		{Name: "backdoor test", Value: map[bool]float64{true: 1}[e.trigger < -1], Direction: audit.Lower,
			Identity: fmt.Sprintf("%d of n=64 reached the picture; threshold 9, α=0.001, β=0.00327", int(64*max(0, -e.trigger-1)/5))},
	}
	s.Curves = e.curves()
	if e.kind == "decouple" {
		s.Notes = []string{"assumes that the loss is Lipschitz within the clipped ascent; the (ε, δ) noise was switched off, " +
			"so no such guarantee is given"}
	}
	if e.name == "random-labels" {
		s.Warnings = []string{"ssim on retained images was not measured: the worker ran out of memory and went on"}
	}
	return s
}

func (e effect) curves() []audit.Curve {
	if e.role == audit.RoleControl || e.time == 0 {
		return nil
	}
	loss, disp := audit.Curve{Name: "loss"}, audit.Curve{Name: "displacement"}
	epochs := int(40 * e.time)
	for i := range epochs + 1 {
		x := float64(i)
		loss.X, disp.X = append(loss.X, x), append(disp.X, x)
		loss.Y = append(loss.Y, round(.07+.4*math.Exp(-x/4)*(1+.1*math.Sin(3*x))))
		disp.Y = append(disp.Y, round((20.5+e.disp)*(1-math.Exp(-x/3))+3*math.Exp(-x/2)*x))
	}
	if e.role != audit.RoleMethod {
		return []audit.Curve{loss}
	}
	return []audit.Curve{loss, disp}
}

var criterionFindings = []struct {
	criterion, name, scale, control string
	margin, se, nullLo, nullHi      float64
	control0                        float64
	of                              func(effect) float64
}{
	{"membership", "forget − test error", "log of the error's ratio", "original", .15, .03, -.03, .02, -1.02,
		func(e effect) float64 { return e.forget - e.test }},
	{"backdoor", "distance to the attacker's picture", "log of the distance's ratio", "original", .15, .04, -.06, .05, -5.5,
		func(e effect) float64 { return e.trigger }},
	{"ood", "displacement from the original", "pixel units", "original", 2, .3, -.5, .3, -20.5, func(e effect) float64 { return e.disp }},
	{"realism", "spread of the painted pixels", "log of the spread's ratio", "random-weights", .15, .03, -.04, .02, -2.4,
		func(e effect) float64 { return e.spread }},
	{"realism", "gradient energy of the painted pixels", "log of the energy's ratio", "random-weights", .6, .06, -.05, .03,
		-2.3, func(e effect) float64 { return e.gradient }},
	{"utility", "error on retained images", "log of the error's ratio", "random-weights", .15, .02, -.03, .04, 1.57,
		func(e effect) float64 { return e.retain }},
	{"utility", "error on test images", "log of the error's ratio", "random-weights", .15, .02, -.02, .01, .16,
		func(e effect) float64 { return e.test }},
}

var fixtureReasons = map[string]map[byte]string{
	"membership": {'F': "Images to forget are still reconstructed better, against test images, than a retrained model does it."},
	"backdoor": {'F': "The trigger still pulls outputs towards the attacker's picture.",
		'I': "The interval reaches over the margin: the trigger's effect is neither shown nor excluded."},
	"ood": {'F': "On images to forget the model stays nearer to the original than retrained models do."},
	"realism": {'F': "What it paints on images to forget does not look like a retrained model's: it is flatter.",
		'I': "This criterion has no power here: it cannot tell its control from the retrained models."},
	"utility": {'F': "It reconstructs retained images worse than retrained models.",
		'I': "The error on retained images is higher, but not surely by the margin."},
}

func (e effect) verdicts() []audit.Verdict {
	if e.role == audit.RoleOracle || e.outcomes == "" {
		return nil
	}
	var out []audit.Verdict
	for i, c := range []string{"membership", "backdoor", "ood", "realism", "utility"} {
		code := e.outcomes[i]
		v := audit.Verdict{Criterion: c, Subject: e.name, Alpha: .05, Seeks: seeks[c], Reason: fixtureReasons[c][code],
			Outcome: map[byte]audit.Outcome{'P': audit.Pass, 'F': audit.Fail, 'I': audit.Inconclusive}[code]}
		if code == 'F' {
			v.Faults = []audit.Fault{map[bool]audit.Fault{true: audit.Quality, false: audit.Remembers}[c == "realism" || c == "utility"]}
		}
		v.PEqual, v.PDiffer = map[byte]float64{'P': 4e-4, 'F': 1, 'I': .21}[code], map[byte]float64{'P': 1, 'F': 2.5e-8, 'I': .37}[code]
		for _, k := range criterionFindings {
			if k.criterion != c {
				continue
			}
			f := audit.Finding{Name: k.name, Scale: k.scale, Estimate: round(k.of(e)), SE: k.se, DF: 5.3, Level: .9, Margin: k.margin, Sides: "both",
				PEqual: v.PEqual, PDiffer: v.PDiffer, NullLo: k.nullLo, NullHi: k.nullHi, Control: k.control, ControlAt: k.control0,
				Powered: !(code == 'I' && c == "realism"), Images: 64, Seeds: 3}
			if code == 'I' {
				f.SE *= 2
				f.Advice = "about 190 images to forget, or 6 retrained models"
			}
			f.Lo, f.Hi = round(f.Estimate-2*f.SE), round(f.Estimate+2*f.SE)
			v.Findings = append(v.Findings, f)
		}
		out = append(out, v)
	}
	return out
}

func perImage(q, view string, p audit.Part, d audit.Direction, values []float64) audit.Sample {
	s := audit.Sample{Quantity: q, View: view, Part: p, Direction: d, Unit: audit.PerImage,
		Identity: fmt.Sprintf("%s, %s of 32×32, pixels −1…1", q, view)}
	for i, v := range values {
		s.Index, s.Values = append(s.Index, i), append(s.Values, round(v))
	}
	return s
}

func perResample(q string, p audit.Part, d audit.Direction, values []float64) audit.Sample {
	s := audit.Sample{Quantity: q, View: "image", Part: p, Direction: d, Unit: audit.PerResample, Identity: q + " sha256 0f3a, 32 px, n 64"}
	for _, v := range values {
		s.Values = append(s.Values, round(v))
	}
	return s
}

func scatter(g *rand.Rand, n int, at, sd float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = max(0, at+sd*g.NormFloat64())
	}
	return out
}

// round keeps four significant digits, so that stored fixtures stay small.
func round(v float64) float64 {
	if v == 0 {
		return 0
	}
	scale := math.Pow(10, 3-math.Floor(math.Log10(math.Abs(v))))
	return math.Round(v*scale) / scale
}
