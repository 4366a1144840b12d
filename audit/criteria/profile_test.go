package criteria

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestProfiles(t *testing.T) {
	var before []string
	for _, p := range Profiles {
		for _, c := range p.Criteria {
			_, err := All.New(c)
			require.NoError(t, err, p.Name)
		}
		assert.Subset(t, p.Criteria, before, p.Name)
		before = p.Criteria
		got, err := FindProfile(p.Name)
		require.NoError(t, err)
		assert.Equal(t, p, got)
	}
	assert.ElementsMatch(t, All.Names(), before, "the last profile asks everything")
	_, err := FindProfile("lax")
	assert.EqualError(t, err, `unknown profile "lax": want one of quick, standard, strict`)
}
