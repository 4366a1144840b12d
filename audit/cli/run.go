// Package cli is the command line of lethe. [Main] runs it with a catalogue, so that a program of one's own has the same
// commands with more items. It may change until version 1.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/lethe-audit/lethe/audit/catalogue"
)

// Exit codes of `lethe audit`.
const (
	exitHolds     = 0 // every claim holds
	exitFails     = 1 // a claim does not hold
	exitUsage     = 2 // the command line or the plan is wrong
	exitUndecided = 3 // a claim is undecided
	exitBroke     = 4 // the run broke
)

// cli is the command line.
type cli struct {
	Audit       auditCmd       `cmd:"" help:"Run an audit: train, unlearn, attack, measure, judge."`
	Report      reportCmd      `cmd:"" help:"Render a finished audit in another format."`
	Verify      verifyCmd      `cmd:"" help:"Recompute a finished audit's verdicts from its raw samples."`
	List        listCmd        `cmd:"" help:"List the methods, attacks, metrics, criteria, models, tasks, data sets, features, formats and plans."`
	Metrics     metricsCmd     `cmd:"" help:"Measure one set of images against another: Fréchet distance, KID, Inception score, precision, recall and others, without any audit."`
	Table       tableCmd       `cmd:"" help:"Put results of lethe metrics --json into one table; refuses numbers that were made in different ways."`
	ForgetScore forgetScoreCmd `cmd:"" help:"Forget score, ε and KLoM from scores of many unlearned and many retrained models."`
	Calibrate   calibrateCmd   `cmd:"" help:"Measure how often Lethe itself is wrong, on models whose honesty is known."`
	Plan        planCmd        `cmd:"" help:"Look at a plan: what it costs, and how large it must be."`
	Secret      secretCmd      `cmd:"" help:"Make a file of secret bytes, from which a plan's (ε, δ) noise is drawn."`
	Canonical   canonicalCmd   `cmd:"" help:"Round a file of weights to what an audit of it is about, and print its digest."`
	Init        initCmd        `cmd:"" help:"Write a commented plan to start from."`
	Doctor      doctorCmd      `cmd:"" help:"Show what this machine computes with, and what to mend."`
	Version     versionCmd     `cmd:"" help:"Print the version."`
}

const description = `Lethe audits machine unlearning of image-to-image generative models.

` + "A model was trained on images, some must be forgotten, somebody claims that they were. Lethe trains (or resumes) " +
	"the original model and several models retrained without the images, runs the unlearning methods of a plan, attacks " +
	"and measures all of them, and says with its uncertainty whether each method's model can be told from retrained ones." + `

  lethe audit                 the audit that comes with lethe
  lethe init > plan.yml       a plan of your own to start from
  lethe audit plan.yml        run it
  lethe report lethe-out/shapes --format markdown

Exit codes of audit: 0 every claim of the plan holds, 1 one does not, 2 wrong usage or plan, 3 one is undecided, 4 the run broke.`

// streams are where a command reads and writes, and what a plan can name.
type streams struct {
	in       io.Reader
	out, err io.Writer
	cat      *catalogue.Catalogue
}

// exit is an error that carries an exit code; its text was printed already if
// empty.
type exit struct {
	code int
	err  error
}

func (e exit) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e exit) Unwrap() error { return e.err }

func usage(err error) error { return exit{exitUsage, err} }

// Main is the whole program with the items of a catalogue: a lethe of one's own is
//
//	func main() {
//		cat, err := catalogue.Default().With(own.Items())
//		…
//		cli.Main(cat)
//	}
//
// It ends the process. Ctrl-C ends a command in good order, a second one at once.
func Main(cat *catalogue.Catalogue) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() {
		<-ctx.Done()
		stop() // a second Ctrl-C ends the program at once
	}()
	code := Run(ctx, cat, os.Stdin, os.Stdout, os.Stderr, os.Args[1:])
	stop()
	os.Exit(code)
}

// Run is [Main] without the process: it returns the exit code.
func Run(ctx context.Context, cat *catalogue.Catalogue, stdin io.Reader, stdout, stderr io.Writer, args []string) int {
	var c cli
	code, done := 0, false
	p, err := kong.New(&c, kong.Name("lethe"), kong.Description(description), kong.UsageOnError(),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(streams{stdin, stdout, stderr, cat}),
		kong.Writers(stdout, stderr), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Vars(planVars()), kong.Vars(metricsVars()), kong.Exit(func(n int) { code, done = n, true }))
	if err != nil {
		fmt.Fprintln(stderr, "lethe:", err)
		return exitBroke
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := p.Parse(args)
	if done { // --help
		return code
	}
	if err != nil {
		fmt.Fprintln(stderr, "lethe:", err)
		fmt.Fprintln(stderr, "lethe: try `lethe --help`")
		return exitUsage
	}
	err = k.Run()
	var e exit
	switch {
	case err == nil:
		return exitHolds
	case errors.As(err, &e):
		code = e.code
	default:
		code = exitBroke
	}
	if text := err.Error(); text != "" {
		fmt.Fprintln(stderr, "lethe:", text)
	}
	return code
}

// version is the module's, with the commit it was built from.
func version() string {
	b, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v, rev, dirty := b.Main.Version, "", ""
	for _, s := range b.Settings {
		switch {
		case s.Key == "vcs.revision":
			rev = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+changes"
		}
	}
	if (v == "" || v == "(devel)") && rev != "" {
		v = rev[:min(12, len(rev))] + dirty
	}
	if v == "" {
		v = "(devel)"
	}
	return v
}

type versionCmd struct{}

func (versionCmd) Run(s streams) error {
	_, err := fmt.Fprintln(s.out, "lethe", version())
	return err
}
