package planfile_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/planfile"
	"github.com/lethe-audit/lethe/internal/secret"
)

// A plan commits to its secret: neither its bytes nor its place are in the plan's JSON, and another secret is another plan.
func TestSecret(t *testing.T) {
	t.Chdir(t.TempDir())
	sum, err := secret.Make("noise.key")
	require.NoError(t, err)
	_, err = secret.Make("other.key")
	require.NoError(t, err)
	b, err := os.ReadFile("noise.key")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile("moved.key", b, 0o600))

	p := parse(t, least+"secret: {path: noise.key}\n")
	require.NotNil(t, p.Secret)
	assert.Equal(t, "noise.key", p.Secret.Path)
	assert.Equal(t, sum, p.Secret.Commitment)
	text, err := json.Marshal(p)
	require.NoError(t, err)
	assert.Contains(t, string(text), `"secret":{"commitment":"`+string(sum)+`"}`)
	assert.NotContains(t, string(text), "noise.key")

	want, err := p.Digest()
	require.NoError(t, err)
	for setting, same := range map[string]bool{
		"secret={path: moved.key}": true, "secret.commitment=" + string(sum): true,
		"secret={commitment: " + strings.ToUpper(string(sum)) + "}": true,
		"secret={path: other.key}":                                  false,
	} {
		q := parse(t, least+"secret: {path: noise.key}\n", setting)
		got, err := q.Digest()
		require.NoError(t, err)
		assert.Equal(t, same, want == got, setting)
	}
	none, err := parse(t, least).Digest()
	require.NoError(t, err)
	assert.NotEqual(t, want, none)
	assert.NoError(t, schema(t).Validate(document(t, []byte(least+"secret: {path: noise.key, commitment: "+string(sum)+"}\n"))))
}

func TestSecretIsRefused(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "noise.key")
	_, err := secret.Make(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "short"), []byte("0123456789"), 0o600))
	require.NoError(t, os.Symlink(dir, filepath.Join(dir, "folder")))
	for text, says := range map[string]string{
		"{path: " + path + ", commitment: " + strings.Repeat("0", 64) + "}": "plan.yml:5:9: secret: " + path + " is another secret",
		"{path: " + filepath.Join(dir, "short") + "}":                       "has 10 bytes: a secret has 32 to 65536",
		"{path: " + filepath.Join(dir, "folder") + "}":                      "is not a file",
	} {
		_, err := planfile.Parse(catalogue.Default(), "plan.yml", []byte(least+"secret: "+text+"\n"))
		assert.ErrorContains(t, err, says)
	}
	require.NoError(t, os.Chmod(path, 0o604))
	_, err = planfile.Parse(catalogue.Default(), "plan.yml", []byte(least+"secret: {path: "+path+"}\n"))
	assert.ErrorContains(t, err, "noise.key is open to others (mode 0604): run `chmod 600 ")
}
