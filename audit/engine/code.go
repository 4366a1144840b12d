package engine

import (
	"crypto/sha256"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/lethe-audit/lethe/attacks"
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/families"
	"github.com/lethe-audit/lethe/internal/families/autoencoder"
	"github.com/lethe-audit/lethe/internal/families/counts"
	"github.com/lethe-audit/lethe/internal/families/mae"
	"github.com/lethe-audit/lethe/internal/families/mage"
	"github.com/lethe-audit/lethe/internal/families/palette"
	"github.com/lethe-audit/lethe/internal/families/pixelrange"
	"github.com/lethe-audit/lethe/internal/families/torchscript"
	"github.com/lethe-audit/lethe/internal/families/vit"
	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/linalg"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/outputs"
	"github.com/lethe-audit/lethe/internal/pickle"
	"github.com/lethe-audit/lethe/internal/pixels"
	"github.com/lethe-audit/lethe/internal/secret"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/internal/weights"
	"github.com/lethe-audit/lethe/methods"
	"github.com/lethe-audit/lethe/methods/dishonest"
	"github.com/lethe-audit/lethe/metrics"
)

// makes is the code that determines a model, cheats the code that determines one of
// the gallery beyond that, measures the code that determines samples beyond either.
var (
	makes = sync.OnceValues(func() (audit.Digest, error) {
		return code(torch.Code, models.Code, families.Code, autoencoder.Code, counts.Code, mae.Code, mage.Code, palette.Code,
			pixelrange.Code, torchscript.Code, vit.Code, tasks.Code, datasets.Code, pixels.Code, corpus.Code, training.Code,
			methods.Code, weights.Code, pickle.Code, secret.Code, features.Code)
	})
	cheats   = sync.OnceValues(func() (audit.Digest, error) { return code(dishonest.Code) })
	measures = sync.OnceValues(func() (audit.Digest, error) {
		return code(linalg.Code, outputs.Code, metrics.Code, attacks.Code)
	})
)

// code hashes sources, tests left out.
func code(sources ...embed.FS) (audit.Digest, error) {
	h := sha256.New()
	for i, s := range sources {
		names, err := fs.Glob(s, "*")
		if err != nil {
			return "", fmt.Errorf("code digest: %w", err)
		}
		slices.Sort(names)
		for _, n := range names {
			if strings.HasSuffix(n, "_test.go") {
				continue
			}
			b, err := s.ReadFile(n)
			if err != nil {
				return "", fmt.Errorf("code digest: %w", err)
			}
			fmt.Fprintf(h, "%d %s %d\n%s", i, n, len(b), b)
		}
	}
	return audit.Digest(fmt.Sprintf("%x", h.Sum(nil))), nil
}
