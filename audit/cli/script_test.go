package cli

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/lethe-audit/lethe/audit/catalogue"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"lethe": func() { Main(catalogue.Default()) }})
}

// Every script in testdata/script is a session at a terminal.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			if v, ok := os.LookupEnv("LD_LIBRARY_PATH"); ok { // of a libtorch of one's own
				e.Setenv("LD_LIBRARY_PATH", v)
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":     exits,
			"interrupt": interrupt,
			"tamper":    tamper,
			"picture":   picture,
			"cifar":     cifar,
		},
	})
}

// exits CODE PROGRAM [ARGS…] runs a program that must end with a code. What it
// prints is there for stdout and stderr.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARGS…]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var e *exec.ExitError
		if !errors.As(err, &e) {
			ts.Fatalf("%v", err)
		}
		got = e.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// interrupt WORD FILE PROGRAM [ARGS…] sends SIGINT once WORD is in what a program
// says on stderr, which goes to FILE, and expects exit code 4.
func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: interrupt WORD FILE PROGRAM [ARGS…]")
	}
	cmd := exec.Command(args[2], args[3:]...)
	cmd.Dir = ts.MkAbs(".")
	var out bytes.Buffer
	cmd.Stdout = &out
	stderr, err := cmd.StderrPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	var said bytes.Buffer
	sent := false
	for b := make([]byte, 1<<12); ; {
		n, err := stderr.Read(b)
		said.Write(b[:n])
		if !sent && strings.Contains(said.String(), args[0]) {
			ts.Check(cmd.Process.Signal(syscall.SIGINT))
			sent = true
		}
		if err != nil {
			break
		}
	}
	ended := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	err = cmd.Wait()
	ended.Stop()
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), said.Bytes(), 0o600))
	var e *exec.ExitError
	switch {
	case !sent:
		ts.Fatalf("it never said %q:\n%s", args[0], said.String())
	case !errors.As(err, &e) || e.ExitCode() != exitBroke:
		ts.Fatalf("it ended with %v, want exit code %d:\n%s", err, exitBroke, said.String())
	case out.Len() > 0:
		ts.Fatalf("an interrupted audit printed a report:\n%s", out.String())
	}
}
