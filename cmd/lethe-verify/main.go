// Command lethe-verify recomputes the verdicts of finished audits from their stored
// samples, as `lethe verify` does, without libtorch: it is pure Go.
//
//	CGO_ENABLED=0 go build ./cmd/lethe-verify
//	lethe-verify DIR…
//
// What is checked and what is not, see package audit/verify. Exit codes: 0 every
// report follows from its samples, 1 one does not, 2 wrong usage, or a folder that
// holds no report that can be judged.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/audit/verify"
)

// Exit codes.
const (
	exitFollows = 0
	exitDiffers = 1
	exitUsage   = 2
)

func main() { os.Exit(run(os.Stdout, os.Stderr, os.Args[1:])) }

// run is main without the process.
func run(stdout, stderr io.Writer, args []string) int {
	flags := flag.NewFlagSet("lethe-verify", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), `Usage: lethe-verify DIR…

Recomputes the verdicts and claims of finished audits (run folders of lethe audit)
from their stored samples.

Exit codes: 0 all follow, 1 something does not, 2 wrong usage or no readable report.`)
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return exitFollows
	case err != nil:
		return exitUsage
	case flags.NArg() == 0:
		flags.Usage()
		return exitUsage
	}
	code := exitFollows
	for _, dir := range flags.Args() {
		about := ""
		if flags.NArg() > 1 {
			about = dir + ": "
		}
		res, err := verify.Dir(dir, criteria.All)
		switch {
		case err != nil:
			fmt.Fprintf(stderr, "lethe-verify: %v\n", err)
			code = max(code, exitUsage)
		case res.Err() != nil:
			fmt.Fprintf(stderr, "lethe-verify: %s%v\n", about, res.Err())
			code = max(code, exitDiffers)
		default:
			fmt.Fprintf(stdout, "%s%v\n", about, res)
		}
	}
	return code
}
