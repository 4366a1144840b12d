// Package verify recomputes what a stored report says of its own samples, and
// lists every difference. It links no cgo: no libtorch, no images, no models are
// needed, and the command lethe-verify around it builds on any platform that Go
// has.
//
// # What is checked
//
//   - The plan: its digest is the one that the report gives.
//   - The models: the original, as many retrained models as the plan has, and every
//     method of the plan under its name and kind, in the plan's order, so that none
//     was left out. Shadows have the role of shadows.
//   - The samples: each is whole (as many finite values as images), and no model has
//     two of the same quantity, view and part, of which one would go unread.
//   - The relative costs of all models, from the costs themselves.
//   - Every verdict with all that it rests on: outcome, reason, p-values, estimates,
//     intervals, margins, controls, warnings.
//   - Every model's overall outcome, every claim of the plan, and the exit code.
//
// # What is not
//
// The samples are trusted, and so are the costs in seconds and images, the curves,
// the digests of data, code and weights, λ, notes and guarantees: they come from
// models and clocks, which no report contains. Nor are the attacks' statistics (an
// AUC, a bound on ε) computed again, though they rest on samples: their code is the
// attacks', which links libtorch. No verdict rests on them.
//
// # Numbers
//
// On the architecture that the report was made on, numbers must be equal to the
// bit. On another one they may differ in the last digits, because there a product
// and a sum may be rounded once instead of twice: a number then follows if it lies
// within 1e-9 of the stored one, relative to the larger of both (between amd64 and
// arm64, 1e-14 was seen). Outcomes and texts are held to be equal everywhere.
package verify
