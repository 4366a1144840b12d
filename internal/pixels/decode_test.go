package pixels

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDecodeIsPillows(t *testing.T) {
	files, err := filepath.Glob("testdata/decode/*.*")
	require.NoError(t, err)
	// The worst difference, in grey levels: lossless pictures agree, and a JPEG's
	// inverse transform rounds differently. Chroma that was halved is enlarged by
	// Go without smoothing.
	levels := map[string]int{"jpeg-420": 3, "jpeg-progressive": 2, "jpeg-cmyk": 1, "jpeg-grey": 1}
	compared := 0
	for _, f := range files {
		if strings.HasSuffix(f, ".rgb.png") {
			continue
		}
		name := strings.TrimSuffix(filepath.Base(f), filepath.Ext(f))
		t.Run(name, func(t *testing.T) {
			got, want := load(t, f), load(t, filepath.Join("testdata", "decode", name+".rgb.png"))
			allowed := levels[name]
			if strings.HasPrefix(name, "orientation") {
				allowed = 1
			}
			assert.LessOrEqual(t, worst(t, got, want), allowed)
		})
		compared++
	}
	assert.Equal(t, 19, compared)
}
