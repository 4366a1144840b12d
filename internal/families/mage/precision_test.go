package mage

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/families/familytest"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

// TestTokensAreNearestInFloat32: rounded products would make other codes the nearest.
func TestTokensAreNearestInFloat32(t *testing.T) {
	m := buildMAGE(t, tinyMAGE, models.Shape{Size: 16, Masked: true})
	tok := m.tok
	familytest.On(t, func(s *torch.Scope) {
		w := m.Params().Bind(s)
		z := s.FromFloats(familytest.Pictures(1, 16, 3)[:16*tok.dim], 1, 16, int64(tok.dim))
		want := s.Floats(tok.distances(s, w, z))
		s.Products(audit.BFloat16, func() { assert.Equal(t, want, s.Floats(tok.distances(s, w, z))) })
	})
}
