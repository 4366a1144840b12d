package torchscript

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

// TestModulesAreNotSilentlyExact: a module that is asked for another precision says that it cannot.
func TestModulesAreNotSilentlyExact(t *testing.T) {
	f := fresh(t)
	f.Path = "testdata/inpainter.pt"
	require.NoError(t, f.Seal())
	m, err := f.New(torch.CPU, models.Shape{Size: 16, Masked: true}, 1)
	require.NoError(t, err)
	defer m.Params().Free()
	err = torch.With(torch.CPU, func(s *torch.Scope) error {
		in, _, _ := trial(s, models.Shape{Size: 16, Masked: true})
		s.Products(audit.BFloat16, func() { m.Generate(s, in) })
		return nil
	})
	assert.ErrorContains(t, err, "testdata/inpainter.pt: the module computes its own products")
}
