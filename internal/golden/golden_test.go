package golden_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/golden"
)

const testdata = "testdata"

// Every value names the code that computed it, every case has its file, every file a case, and all are small.
func TestExcerptsAreWhole(t *testing.T) {
	metrics, err := os.ReadDir(testdata)
	require.NoError(t, err)
	readme, err := os.ReadFile(filepath.Join(testdata, "README.md"))
	require.NoError(t, err)
	var size int64
	for _, m := range metrics {
		if !m.IsDir() {
			continue
		}
		t.Run(m.Name(), func(t *testing.T) {
			assert.Contains(t, string(readme), "| `"+m.Name()+"` |")
			used := []string{"cases.json"}
			for _, c := range golden.Cases(t, m.Name()) {
				used = append(used, c.File)
				var by []string
				for _, v := range c.Expected {
					by = append(by, v.By)
				}
				assert.NotEmpty(t, strings.Join(by, ""), "%s is nobody's", c.ID)
			}
			files, err := os.ReadDir(filepath.Join(testdata, m.Name()))
			require.NoError(t, err)
			for _, f := range files {
				info, err := f.Info()
				require.NoError(t, err)
				size += info.Size()
				if filepath.Ext(f.Name()) != ".png" {
					assert.Contains(t, used, f.Name())
				}
			}
		})
	}
	assert.Less(t, size, int64(1_500_000))
}

// No program is built with the test kit: whatever go build reaches imports it nowhere.
func TestOnlyTestsImportTheKit(t *testing.T) {
	root := golden.Root(t)
	goList := exec.Command("go", "list", "-f", "{{.ImportPath}}: {{join .Imports \" \"}}", "./...")
	goList.Dir = root
	out, err := goList.Output()
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	require.Greater(t, len(lines), 30)
	for _, line := range lines {
		assert.NotContains(t, line+" ", " github.com/lethe-audit/lethe/internal/golden ", "the kit is for tests")
	}
}

// One loader, one flag: no test makes its own.
func TestTheKitIsTheOnlyOne(t *testing.T) {
	root := golden.Root(t)
	require.NoError(t, filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() && strings.HasPrefix(e.Name(), ".") && path != root {
			return filepath.SkipDir
		}
		if e.IsDir() || !strings.HasSuffix(path, "_test.go") || filepath.Dir(path) == filepath.Join(root, "internal", "golden") {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, own := range []string{`flag.Bool("update"`, `"..", "shared"`, `filepath.Dir(root), "shared"`} {
			assert.NotContains(t, string(b), own, "%s: use internal/golden", path)
		}
		return nil
	}))
}
