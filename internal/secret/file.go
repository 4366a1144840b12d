package secret

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/lethe-audit/lethe/audit"
)

// How many bytes a secret has.
const (
	Least = 32
	most  = 1 << 16 // more is some other file
)

// distinct is how many values 32 random bytes have at least, but once in 10³⁶: what
// has fewer is empty space, or a key held down.
const distinct = 8

// Make writes a new secret that its owner alone can read, and never over a file.
func Make(path string) (_ audit.Digest, err error) {
	b := make([]byte, Least)
	if _, err := rand.Read(b); err != nil {
		return "", fmt.Errorf("secret: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("%s is there already, and a secret that is written over is lost: give another file: %w", path, fs.ErrExist)
	}
	if err != nil {
		return "", fmt.Errorf("secret: %w", err)
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", fmt.Errorf("secret %s: %w", path, errors.Join(err, os.Remove(path)))
	}
	return Commit(b), nil
}

// Open reads the secret that is committed to; any, where nothing is.
func Open(path string, want audit.Digest) (*Key, audit.Digest, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", fmt.Errorf("no file %s: `lethe secret %s` makes one", path, path)
	}
	if err != nil {
		return nil, "", err
	}
	switch mode := info.Mode(); {
	case !mode.IsRegular():
		return nil, "", fmt.Errorf("%s is not a file", path)
	case mode.Perm()&0o077 != 0:
		return nil, "", fmt.Errorf("%s is open to others (mode %04o): run `chmod 600 %s`, or make a new one "+
			"with `lethe secret FILE` if somebody may have read it", path, mode.Perm(), path)
	case info.Size() < Least || info.Size() > most:
		return nil, "", fmt.Errorf("%s has %d bytes: a secret has %d to %d; `lethe secret FILE` makes one", path, info.Size(), Least, most)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, "", err
	}
	seen := map[byte]bool{}
	for _, v := range b {
		seen[v] = true
	}
	if len(b) < Least || len(seen) < distinct {
		return nil, "", fmt.Errorf("%s does not look random: it has %d different bytes; `lethe secret FILE` makes a secret", path, len(seen))
	}
	got := Commit(b)
	if want != "" && got != want {
		return nil, "", fmt.Errorf("%s is another secret: its commitment is %s, the plan wants %s", path, got, want)
	}
	return &Key{b}, got, nil
}
