package datasets

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPictures(t *testing.T) {
	grey := []uint8{0, 255, 51, 0, 0, 0}
	s, err := Pictures("two", 1, []string{"a", "b"}, []int{1, 0}, grey)
	require.NoError(t, err)
	grey[0] = 9 // the set has its own
	require.Equal(t, 2, s.Len())
	require.Equal(t, 1, s.Label(0))
	dst := make([]float32, 3)
	require.NoError(t, s.Read(t.Context(), dst, []int{0}))
	require.Equal(t, []float32{-1, 1, -0.6}, dst)

	for name, bad := range map[string]func() (Set, error){
		"3·2·2":       func() (Set, error) { return Pictures("x", 2, []string{"a"}, []int{0}, grey) },
		"no picture":  func() (Set, error) { return Pictures("x", 1, []string{"a"}, nil, nil) },
		"class 1":     func() (Set, error) { return Pictures("x", 1, []string{"a"}, []int{1}, grey[:3]) },
		"257 classes": func() (Set, error) { return Pictures("x", 1, make([]string, 257), []int{1}, grey[:3]) },
	} {
		_, err := bad()
		require.ErrorContains(t, err, name)
	}
}
