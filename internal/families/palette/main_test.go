package palette

import (
	"testing"

	"github.com/lethe-audit/lethe/internal/families/familytest"
)

func TestMain(m *testing.M) { familytest.Main(m) }
