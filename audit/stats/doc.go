// Package stats holds the statistics of an audit: effects with the uncertainty
// of images and of seeds, equivalence tests, corrections, intervals, power.
//
// Everything here is a pure function of its arguments. Random numbers come from
// a generator passed in. Nothing returns NaN: slices that are empty, ragged or
// not finite give errors; a function without an error answers bad arguments
// with the answer of somebody who has seen nothing (p = 1, the interval that
// excludes no value, an infinite detectable effect), never with a pass.
//
// # What an audit itself uses
//
// Criteria use [PairedEffect], [DifferenceInDifferences], [Region.Test],
// [Holm] and [Remembered]; attacks and metrics use [AUC], [ROC], [TPRAtFPR],
// [ClopperPearson], [LiRA], [RMIA], [OneRun] and [BackdoorTest]; methods that add
// noise use [GaussianSigma]. The rest is here on purpose, for those who plan
// an audit or study samples of their own, and held to the same references:
//
//   - planning: [MinimalDetectable], [ImagesNeeded], [SeedsNeeded];
//   - equivalence by itself: [TwoSided], [NotBelow], [NotAbove];
//   - two samples: [KolmogorovSmirnov], [MannWhitney];
//   - intervals: [Wilson], [Clustered]; and [MeanSD];
//   - the other side of what is used: [LiRAOffline], [GaussianDelta].
//
// A large p-value is no evidence of equality. Equivalence is shown with
// [TwoSided], [NotBelow] and [NotAbove] against a margin declared beforehand.
package stats
