package models_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lethe-audit/lethe/internal/families/familytest"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

func TestRegionError(t *testing.T) {
	familytest.On(t, func(s *torch.Scope) {
		// One image of 1×2, the region is its left pixel: (1² + 2² + 3²)/3.
		out := s.FromFloats([]float32{1, 9, 2, 9, 3, 9}, 1, 3, 1, 2)
		e := models.RegionError(s, out, s.Zeros(1, 3, 1, 2), s.FromFloats([]float32{1, 0}, 1, 1, 1, 2))
		assert.Equal(t, []int64{1}, e.Shape())
		assert.InDelta(t, 14./3, s.Item(e), 1e-6)
	})
}
