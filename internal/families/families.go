// Package families lists the families of models that Lethe can train, unlearn and audit. Each is a package of its own.
package families

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/families/autoencoder"
	"github.com/lethe-audit/lethe/internal/families/mae"
	"github.com/lethe-audit/lethe/internal/families/mage"
	"github.com/lethe-audit/lethe/internal/families/palette"
	"github.com/lethe-audit/lethe/internal/families/torchscript"
	"github.com/lethe-audit/lethe/internal/models"
)

// All lists the families.
var All = audit.Set[models.Family]{autoencoder.Entry, mae.Entry, mage.Entry, palette.Entry, torchscript.Entry}
