package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Digest is the hexadecimal SHA-256 of some content.
type Digest string

// Short is the digest's first twelve digits, for people.
func (d Digest) Short() string { return string(d[:min(12, len(d))]) }

// DigestBytes hashes b.
func DigestBytes(b []byte) Digest {
	s := sha256.Sum256(b)
	return Digest(hex.EncodeToString(s[:]))
}

// DigestJSON hashes v's JSON. encoding/json writes struct fields in order and
// sorts map keys, so equal values have equal digests.
func DigestJSON(v any) (Digest, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("digest: %w", err)
	}
	return DigestBytes(b), nil
}

// Seed derives an independent seed for one purpose from a base seed: the first
// 64 bits of SHA-256(base, purposes…), each purpose preceded by its length.
func Seed(base uint64, purposes ...string) uint64 {
	h := sha256.New()
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], base)
	h.Write(b[:])
	for _, p := range purposes {
		binary.LittleEndian.PutUint64(b[:], uint64(len(p)))
		h.Write(b[:])
		h.Write([]byte(p))
	}
	return binary.LittleEndian.Uint64(h.Sum(nil))
}
