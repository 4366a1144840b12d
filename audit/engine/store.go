package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/atomicfile"
)

// store is a run's folder: finished cells by the digest of all that determines
// them. A cell is finished when its result file is there and names its key.
type store struct {
	dir  string
	lock *os.File
}

const (
	planFile     = "plan.json"
	manifestFile = "manifest.json"
	resultFile   = "result.json"
)

// openStore locks a folder for a plan. It refuses a folder that another plan wrote:
// the cells and the report there would belong to different plans.
func openStore(dir string, plan audit.Plan, digest audit.Digest) (*store, error) {
	if err := os.MkdirAll(filepath.Join(dir, "cells"), 0o755); err != nil {
		return nil, fmt.Errorf("run folder: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, ".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("run folder: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = ErrInUse
		}
		return nil, errors.Join(fmt.Errorf("run folder %s: %w", dir, err), lock.Close())
	}
	s := &store{dir: dir, lock: lock}
	if err := errors.Join(s.claim(plan, digest), s.sweep()); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// sweep removes the temporary files of a process that was killed. The lock is
// held: nobody else is writing.
func (s *store) sweep() error {
	return filepath.WalkDir(s.dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() && strings.HasPrefix(e.Name(), ".") && strings.HasSuffix(e.Name(), ".tmp") {
			err = os.Remove(path)
		}
		if err != nil {
			return fmt.Errorf("run folder: %w", err)
		}
		return nil
	})
}

// claim writes the plan into a folder that has none.
func (s *store) claim(plan audit.Plan, digest audit.Digest) error {
	mine, err := claimed(s.dir, plan, digest)
	if err != nil || mine {
		return err
	}
	if err := s.keep(); err != nil {
		return err
	}
	return writeJSON(filepath.Join(s.dir, planFile), plan)
}

// claimed reports whether a folder belongs to this plan. If it belongs to another
// plan, that is an error, unless they differ in their retrained models alone.
func claimed(dir string, plan audit.Plan, digest audit.Digest) (bool, error) {
	file := filepath.Join(dir, planFile)
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("run folder: %w", err)
	}
	var old audit.Plan
	if err := json.Unmarshal(b, &old); err != nil {
		return false, fmt.Errorf("%s is not a plan (%w): give another folder with --out", file, err)
	}
	was, err := old.Digest()
	if err != nil {
		return false, err
	}
	if was != digest {
		if again, err := further(old, plan); err != nil || again {
			return false, err
		}
		return false, fmt.Errorf("run folder %s holds an audit by another plan (%s %s, not %s): give another folder with --out",
			dir, old.Name, was.Short(), digest.Short())
	}
	return true, nil
}

func (s *store) close() error { return s.lock.Close() }

// cell is the folder of one piece of work.
func (s *store) cell(name string, key audit.Digest) (string, error) {
	dir := cellDir(s.dir, name, key)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("run folder: %w", err)
	}
	return dir, nil
}

func cellDir(dir, name string, key audit.Digest) string {
	return filepath.Join(dir, "cells", name+"-"+key.Short())
}

// load reads a finished cell's result into v.
func load[T any](dir string, key audit.Digest) (v T, ok bool, err error) {
	file := filepath.Join(dir, resultFile)
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return v, false, nil
	}
	if err != nil {
		return v, false, fmt.Errorf("run folder: %w", err)
	}
	var r struct {
		Key    audit.Digest `json:"key"`
		Result T            `json:"result"`
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return v, false, fmt.Errorf("%s is damaged (%w): delete its folder and run again", file, err)
	}
	return r.Result, r.Key == key, nil
}

// finish writes a cell's result, which makes it finished.
func finish[T any](dir string, key audit.Digest, v T) error {
	return writeJSON(filepath.Join(dir, resultFile), struct {
		Key    audit.Digest `json:"key"`
		Result T            `json:"result"`
	}{key, v})
}

func writeJSON(path string, v any) error {
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return atomicfile.WriteBytes(path, append(b, '\n'))
}
