package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
)

// write puts a report of nothing but a plan and claims into a folder: the claims
// are open, as nothing was judged.
func write(t *testing.T, edit func(*audit.Report)) string {
	t.Helper()
	r := &audit.Report{Schema: audit.Schema, Plan: audit.Plan{Version: 1, Name: "bare", Alpha: 0.05,
		Claims: []audit.Claim{{Method: "ours", Outcome: audit.Pass}}}}
	r.Subjects = []audit.Subject{{Name: "original", Kind: "original", Role: audit.RoleOriginal, Cost: audit.Cost{Elsewhere: true}}}
	r.Claims = []audit.ClaimResult{r.Plan.Claims[0].Check(nil)}
	var err error
	r.Digest, err = r.Plan.Digest()
	require.NoError(t, err)
	edit(r)
	b, err := json.Marshal(r)
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, audit.ReportFile), b, 0o600))
	return dir
}

func TestExitCodesAndWords(t *testing.T) {
	good := write(t, func(*audit.Report) {})
	bad := write(t, func(r *audit.Report) { r.Claims[0].Holds = true })
	none := t.TempDir()
	const follows = "0 verdicts and 1 claims follow from 0 stored samples of 1 models."
	for _, c := range []struct {
		name     string
		args     []string
		code     int
		out, err string
	}{
		{"no argument", nil, 2, "", "Usage: lethe-verify DIR…"},
		{"help", []string{"-h"}, 0, "", "Usage: lethe-verify DIR…"},
		{"a flag", []string{"-fast", good}, 2, "", "flag provided but not defined: -fast"},
		{"follows", []string{good}, 0, follows, ""},
		{"differs", []string{bad}, 1, "", "lethe-verify: claim ours: PASS: the samples say holds false, the report says holds " +
			"true\nthe samples say exit code 3, the report says exit code 0\n"},
		{"nothing there", []string{none}, 2, "", "lethe-verify: no finished audit in " + none},
		{"several", []string{good, bad}, 1, good + ": " + follows, "lethe-verify: " + bad + ": claim ours"},
		{"several, one unreadable", []string{none, bad, good}, 2, good + ": " + follows, "lethe-verify: " + bad + ": claim ours"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, said bytes.Buffer
			assert.Equal(t, c.code, run(&out, &said, c.args))
			assert.Contains(t, out.String(), c.out)
			assert.Contains(t, said.String(), c.err)
			assert.Equal(t, c.out == "", out.Len() == 0, "%s", out.String())
			assert.Equal(t, c.err == "", said.Len() == 0, "%s", said.String())
		})
	}
}

// Nothing that the command is made of needs a C compiler, and libtorch least of all.
// Asked with cgo switched on: else Go would hide the files that need it.
func TestLinksNoCgo(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Standard,CgoFiles", ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	b, err := cmd.Output()
	require.NoError(t, err)
	seen := map[string]bool{}
	for d := json.NewDecoder(bytes.NewReader(b)); ; {
		var p struct {
			ImportPath string
			Standard   bool
			CgoFiles   []string
		}
		if err := d.Decode(&p); err == io.EOF {
			break
		} else {
			require.NoError(t, err)
		}
		seen[p.ImportPath] = true
		if !p.Standard {
			assert.Empty(t, p.CgoFiles, p.ImportPath)
		}
		assert.NotContains(t, p.ImportPath, "gotch")
		for _, slow := range []string{"mat", "blas", "lapack", "stat"} { // to compile, for whoever builds only this
			assert.False(t, strings.HasPrefix(p.ImportPath+"/", "gonum.org/v1/gonum/"+slow+"/"), p.ImportPath)
		}
		for _, heavy := range []string{"internal/torch", "audit/engine", "reports", "methods", "attacks", "metrics"} {
			assert.False(t, strings.HasPrefix(p.ImportPath, "github.com/lethe-audit/lethe/"+heavy), p.ImportPath)
		}
	}
	assert.True(t, seen["github.com/lethe-audit/lethe/audit/verify"])
	for _, p := range []string{"net", "os/user", "plugin"} { // of the standard library, these may use cgo
		assert.False(t, seen[p], p)
	}
}
