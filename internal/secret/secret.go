// Package secret draws noise that nobody can draw again without a file of secret
// bytes, to which a plan commits without telling them.
package secret

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit"
)

// What each use of the secret's bytes begins with, so that none says anything of
// another.
const (
	commitment = "lethe.secret/v1 commitment\x00"
	model      = "lethe.secret/v1 model"
	noise      = "lethe.secret/v1 noise"
)

// A Key is what noise is drawn from. It prints as a word, wherever it is printed.
type Key struct{ bytes []byte }

// String hides the key.
func (*Key) String() string { return "a secret" }

// GoString hides the key.
func (*Key) GoString() string { return "a secret" }

// Commit is SHA-256 of the bytes behind a prefix of their own. As they are at
// least [Least], random ones cannot be found from it.
func Commit(secret []byte) audit.Digest {
	return audit.DigestBytes(append([]byte(commitment), secret...))
}

// For is the key of one model. It is another for every other digest of all that
// determines a model: two models whose noise is the same tell, by their
// difference, what the noise should hide.
func (k *Key) For(d audit.Digest) *Key { return &Key{k.derive(model, string(d))} }

// Noise is the generator of one draw: ChaCha8, which cannot be told from random
// bits without its key (Bernstein 2008), seeded by HMAC-SHA256.
func (k *Key) Noise(purposes ...string) *rand.Rand {
	return rand.New(rand.NewChaCha8([32]byte(k.derive(noise, purposes...))))
}

// derive is HMAC-SHA256 of the use and the purposes, each preceded by its length.
func (k *Key) derive(use string, purposes ...string) []byte {
	h := hmac.New(sha256.New, k.bytes)
	for _, p := range append([]string{use}, purposes...) {
		var n [8]byte
		binary.LittleEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		h.Write([]byte(p))
	}
	return h.Sum(nil)
}
