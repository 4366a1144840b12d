package catalogue

import (
	"embed"
	"io/fs"

	"github.com/lethe-audit/lethe/attacks"
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/audit/kit"
	"github.com/lethe-audit/lethe/audit/stats"
	"github.com/lethe-audit/lethe/internal/atomicfile"
	"github.com/lethe-audit/lethe/internal/checkpoint"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/datasets"
	"github.com/lethe-audit/lethe/internal/embeddings"
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
	"github.com/lethe-audit/lethe/internal/npy"
	"github.com/lethe-audit/lethe/internal/outputs"
	"github.com/lethe-audit/lethe/internal/pickle"
	"github.com/lethe-audit/lethe/internal/pixels"
	"github.com/lethe-audit/lethe/internal/secret"
	"github.com/lethe-audit/lethe/internal/sources"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/internal/training"
	"github.com/lethe-audit/lethe/internal/weights"
	"github.com/lethe-audit/lethe/methods"
	"github.com/lethe-audit/lethe/methods/dishonest"
	"github.com/lethe-audit/lethe/metrics"
	"github.com/lethe-audit/lethe/metrics/measure"
	"github.com/lethe-audit/lethe/metrics/perceptual"
	"github.com/lethe-audit/lethe/metrics/sets"
)

// Module is the path of Lethe's own module.
const Module = "github.com/lethe-audit/lethe"

//go:embed *.go
var self embed.FS

// own are the sources of all packages that results can depend on. A test holds the list to what the engine is built of,
// and a package that is reached without being here is an error.
func own() map[string]fs.FS {
	out := map[string]fs.FS{}
	for path, files := range map[string]embed.FS{
		"attacks": attacks.Code, "audit": audit.Code, "audit/catalogue": self, "audit/criteria": criteria.Code,
		"audit/kit": kit.Code, "audit/stats": stats.Code,
		"internal/atomicfile": atomicfile.Code, "internal/checkpoint": checkpoint.Code,
		"internal/corpus": corpus.Code, "internal/datasets": datasets.Code,
		"internal/embeddings": embeddings.Code, "internal/families": families.Code, "internal/families/autoencoder": autoencoder.Code,
		"internal/families/counts": counts.Code, "internal/families/mae": mae.Code, "internal/families/mage": mage.Code,
		"internal/families/palette": palette.Code, "internal/families/pixelrange": pixelrange.Code,
		"internal/families/torchscript": torchscript.Code,
		"internal/families/vit":         vit.Code, "internal/features": features.Code,
		"internal/linalg": linalg.Code, "internal/models": models.Code,
		"internal/npy": npy.Code, "internal/outputs": outputs.Code, "internal/pickle": pickle.Code, "internal/pixels": pixels.Code,
		"internal/secret": secret.Code, "internal/sources": sources.Code, "internal/tasks": tasks.Code, "internal/torch": torch.Code,
		"internal/training": training.Code, "internal/weights": weights.Code, "methods": methods.Code, "methods/dishonest": dishonest.Code,
		"metrics": metrics.Code, "metrics/measure": measure.Code, "metrics/perceptual": perceptual.Code, "metrics/sets": sets.Code,
	} {
		out[Module+"/"+path] = files
	}
	return out
}
