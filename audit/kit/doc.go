// Package kit is what other modules need in order to bring items of their own: methods, attacks, metrics, criteria, model
// families, tasks, data sets and features, written in Go and named in plans beside those that come with Lethe.
//
// It is UNSTABLE until v1: names and signatures may change with any commit. Pin one.
//
// Most of it are aliases of types that Lethe's own items are written with; the documentation of their methods and fields
// is theirs. One file of this package belongs to one sort of item. An item is a value with typed parameters, and an
// audit.Entry that says everything else of it: its name, a line of documentation, the quantities that it leaves. Entries
// go into a catalogue.Catalogue, together with the sources of their package, by which a cached result is told from one
// that other code has to make:
//
//	//go:embed *.go
//	var code embed.FS
//
//	func Items() catalogue.Catalogue {
//		return catalogue.Catalogue{
//			Methods: audit.Set[kit.Method]{greyEntry},
//			Code:    map[string]fs.FS{"example.com/own": code},
//		}
//	}
//
// Every other package of the same module that an item's code reaches belongs into Code as well; one that is missing is
// an error. Items must draw random numbers from the seeds that they are given (audit.Seed makes more of one), and keep
// no state between calls.
//
// A program with these items is catalogue.Default().With(Items()) and cli.Main, a test audittest/run.With, an audit from Go
// planfile.Read and engine.Run. The module examples/own in Lethe's repository has one item of most sorts.
package kit
