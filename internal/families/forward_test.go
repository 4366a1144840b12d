package families

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/families/familytest"
	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/tasks"
)

// TestForwardAgainstPyTorch holds embeddings, paintings and losses to those of
// testdata/forward.py, the same models written in PyTorch 1.13, within 1e-5.
func TestForwardAgainstPyTorch(t *testing.T) {
	b, err := os.ReadFile("testdata/forward.json")
	require.NoError(t, err)
	var file struct {
		Cases []struct {
			Family    string
			Params    json.RawMessage
			Size, N   int
			Masked    bool
			Weights   int
			Scale     float64
			Chirp     bool
			Embedding []float64
			Pixels    map[string]float64
			Sum       float64
			Squares   float64
			Loss      []float64
		}
	}
	require.NoError(t, json.Unmarshal(b, &file))
	require.Len(t, file.Cases, 4)
	for _, c := range file.Cases {
		t.Run(c.Family+" "+strconv.Itoa(c.Size), func(t *testing.T) {
			f, err := All.New(c.Family)
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(c.Params, f))
			m := familytest.Build(t, f, models.Shape{Size: c.Size, Masked: c.Masked}, 1)
			require.Equal(t, c.Weights, m.Params().Layout().Size())
			w := make([]float32, c.Weights)
			for i := range w {
				k := float64(i)
				if c.Chirp {
					k *= k
				}
				w[i] = float32(c.Scale * math.Sin(0.37*k))
			}
			require.NoError(t, m.Params().Set(w))
			px := make([]float32, c.N*3*c.Size*c.Size)
			for i := range px {
				px[i] = float32(math.Sin(0.11 * float64(i)))
			}
			v := familytest.View(t, &tasks.Inpaint{Hole: 0.5}, px, c.Size)
			z, _ := familytest.Encode(t, m, v, c.Masked)
			familytest.Near(t, c.Embedding, z, "embedding")
			out := familytest.Generate(t, m, v, c.Masked)
			var sum, squares float64
			for _, x := range out {
				sum += float64(x)
				squares += float64(x) * float64(x)
			}
			for at, want := range c.Pixels {
				i, err := strconv.Atoi(at)
				require.NoError(t, err)
				assert.InDelta(t, want, out[i], 1e-5, "pixel %d", i)
			}
			assert.InDelta(t, c.Sum, sum, 1e-5*float64(len(out)))
			assert.InDelta(t, c.Squares, squares, 1e-5*c.Squares+1e-5)
			if c.Loss == nil {
				return
			}
			familytest.Near(t, c.Loss, familytest.Losses(t, m, v, px, c.Masked), "loss")
		})
	}
}
