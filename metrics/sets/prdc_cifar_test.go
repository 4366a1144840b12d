package sets

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/golden"
)

// KID and PRDC of a ResNet's features of 1000 training and 1000 test images of CIFAR-10.
func TestKernelAndNeighboursOfRealImages(t *testing.T) {
	for _, c := range golden.Cases(t, "cifar10_e2e") {
		var train, test *mat.Dense
		switch c.ID {
		case "resnet20_rows":
			train, test = c.Matrix(t, "a"), c.Matrix(t, "b")
		case "resnet20_features":
			train, test = embedded(t, "data_batch_1"), embedded(t, "test_batch")
		default:
			continue
		}
		kid, err := KIDInterval(train, test, 0.95)
		require.NoError(t, err)
		c.Check(t, "kid_all_1000", kid.Value)
		assert.Less(t, kid.Low, kid.Value)
		e := c.Expected["prdc_real_b_fake_a_k5"]
		want, ok := e.Value.(map[string]any)
		require.True(t, ok)
		got, err := PRDC(PRDCOptions{Real: test, Fake: train, K: 5, Variant: PRDCStrict})
		require.NoError(t, err)
		assert.InDelta(t, want["precision"], got.Precision, e.AbsTol)
		assert.InDelta(t, want["recall"], got.Recall, e.AbsTol)
		assert.InDelta(t, want["density"], got.Density, e.AbsTol)
		assert.InDelta(t, want["coverage"], got.Coverage, e.AbsTol)
		t.Logf("%+v, KID %+v", got, kid)
	}
}
