// Package audit is the vocabulary of an unlearning audit: plans, samples,
// verdicts, claims and reports. It imports only the standard library, so a
// stored audit can be read and its verdicts recomputed without libtorch.
//
// The flow is one way: a [Plan] names data, model, methods, attacks, metrics
// and criteria; attacks and metrics measure every model and leave [Sample]s;
// criteria are pure functions from samples to [Verdict]s; a [Report] holds it
// all, and a [Claim] says what must be true of it.
package audit
