package secret

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
)

func TestMake(t *testing.T) {
	path := filepath.Join(t.TempDir(), "noise.key")
	sum, err := Make(path)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Len(t, before, Least)
	k, got, err := Open(path, sum)
	require.NoError(t, err)
	assert.Equal(t, sum, got)
	assert.Equal(t, &Key{before}, k)

	_, err = Make(path)
	require.ErrorIs(t, err, os.ErrExist)
	require.ErrorContains(t, err, "noise.key is there already, and a secret that is written over is lost: give another file")
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, before, after)

	other, err := Make(path + "2")
	require.NoError(t, err)
	assert.NotEqual(t, sum, other)
	_, _, err = Open(path+"2", sum)
	assert.ErrorContains(t, err, "noise.key2 is another secret: its commitment is "+string(other)+", the plan wants "+string(sum))
}

func TestMakeLeavesNothingHalfWritten(t *testing.T) {
	_, err := Make(filepath.Join(t.TempDir(), "no", "folder", "noise.key"))
	require.ErrorContains(t, err, "no such file or directory")
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink("nowhere", link))
	_, err = Make(link)
	assert.ErrorIs(t, err, os.ErrExist)
	assert.NoFileExists(t, filepath.Join(filepath.Dir(link), "nowhere"))
}

func TestOpenRefuses(t *testing.T) {
	random := count()
	for _, c := range []struct {
		name  string
		bytes []byte
		mode  os.FileMode
		says  string
	}{
		{"short", random[:31], 0o600, "has 31 bytes: a secret has 32 to 65536; `lethe secret FILE` makes one"},
		{"empty", nil, 0o600, "has 0 bytes"},
		{"large", bytes.Repeat(random, 3000), 0o600, "has 96000 bytes"},
		{"readable by all", random, 0o644, "is open to others (mode 0644): run `chmod 600 "},
		{"readable by the group", random, 0o640, "is open to others (mode 0640)"},
		{"writable by others", random, 0o602, "is open to others (mode 0602)"},
		{"zeros", make([]byte, 64), 0o600, "does not look random: it has 1 different bytes"},
		{"a word again and again", []byte(strings.Repeat("secret", 9)), 0o600, "does not look random: it has 5 different bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "noise.key")
			require.NoError(t, os.WriteFile(path, c.bytes, 0o600))
			require.NoError(t, os.Chmod(path, c.mode))
			_, _, err := Open(path, "")
			assert.ErrorContains(t, err, c.says)
			assert.ErrorContains(t, err, path)
		})
	}
	_, _, err := Open("nowhere.key", audit.Digest(strings.Repeat("0", 64)))
	require.EqualError(t, err, "no file nowhere.key: `lethe secret nowhere.key` makes one")
	_, _, err = Open(t.TempDir(), "")
	assert.ErrorContains(t, err, "is not a file")
}

// What is read, from 32 bytes on, is all of the file.
func TestOpenTakesAllBytes(t *testing.T) {
	seen := map[audit.Digest]bool{}
	for _, b := range [][]byte{count(), append(count(), '\n'), append(count(), 'x', '\n')} {
		path := filepath.Join(t.TempDir(), "noise.key")
		require.NoError(t, os.WriteFile(path, b, 0o400))
		_, sum, err := Open(path, "")
		require.NoError(t, err)
		assert.Equal(t, Commit(b), sum)
		assert.False(t, seen[sum])
		seen[sum] = true
	}
}
