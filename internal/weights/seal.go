package weights

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// Seal is a file's SHA-256. A file with another than the one wanted is an error; with none wanted, any will do.
func Seal(path, want string) (_ string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return want, err
	}
	if !info.Mode().IsRegular() {
		return want, fmt.Errorf("%s is not a file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return want, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return want, fmt.Errorf("read %s: %w", path, err)
	}
	sum := hex.EncodeToString(h.Sum(nil))
	if want != "" && !strings.EqualFold(sum, want) {
		return want, fmt.Errorf("%s has sha256 %s, the plan wants %s: it is another file", path, sum, want)
	}
	return sum, nil
}
