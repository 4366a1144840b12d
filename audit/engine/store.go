package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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
	planFile   = "plan.json"
	resultFile = "result.json"
)

// openStore takes a folder for a plan. A folder that another plan wrote is
// refused: its report would speak of two plans.
func openStore(dir string, plan audit.Plan, digest audit.Digest) (*store, error) {
	if err := os.MkdirAll(filepath.Join(dir, "cells"), 0o755); err != nil {
		return nil, fmt.Errorf("run folder: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, ".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("run folder: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("run folder %s is in use by another lethe: wait for it, or give another folder with --out", dir), lock.Close())
	}
	s := &store{dir: dir, lock: lock}
	if err := s.claim(plan, digest); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *store) claim(plan audit.Plan, digest audit.Digest) error {
	file := filepath.Join(s.dir, planFile)
	var old audit.Plan
	switch b, err := os.ReadFile(file); {
	case errors.Is(err, fs.ErrNotExist):
		return writeJSON(file, plan)
	case err != nil:
		return fmt.Errorf("run folder: %w", err)
	default:
		if err := json.Unmarshal(b, &old); err != nil {
			return fmt.Errorf("%s is not a plan (%w): give another folder with --out", file, err)
		}
	}
	was, err := old.Digest()
	if err != nil {
		return err
	}
	if was != digest {
		return fmt.Errorf("run folder %s holds an audit by another plan (%s %s, not %s): give another folder with --out", s.dir, old.Name, was.Short(), digest.Short())
	}
	return nil
}

func (s *store) close() error { return s.lock.Close() }

// cell is the folder of one piece of work.
func (s *store) cell(name string, key audit.Digest) (string, error) {
	dir := filepath.Join(s.dir, "cells", name+"-"+key.Short())
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("run folder: %w", err)
	}
	return dir, nil
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
