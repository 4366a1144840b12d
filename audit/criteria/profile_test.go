package criteria

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestProfiles(t *testing.T) {
	var before []string
	for _, p := range Profiles {
		members := Members(All, p.Name)
		assert.Greater(t, len(members), len(before), p.Name)
		assert.Subset(t, members, before, p.Name)
		before = members
		got, err := FindProfile(p.Name)
		require.NoError(t, err)
		assert.Equal(t, p, got)
	}
	assert.ElementsMatch(t, All.Names(), before, "the last profile asks everything")
	_, err := FindProfile("lax")
	assert.EqualError(t, err, `unknown profile "lax": want one of quick, standard, strict`)
}

func TestWithin(t *testing.T) {
	assert.True(t, Within("standard", "quick"))
	assert.True(t, Within("quick", "quick"))
	assert.False(t, Within("quick", "standard"), "what a later profile brings")
	assert.False(t, Within("strict", ""), "what belongs to none")
	assert.False(t, Within("lax", "quick"))
}

func TestScale(t *testing.T) {
	m := &Membership{Margin: 0.2, Share: 0.6}
	require.NoError(t, Scale(m, 2))
	assert.Equal(t, &Membership{Margin: 0.4, Share: 0.9}, m, "a share stays one")
	o := &OOD{Margin: 0.1, Quantile: 0.1}
	require.NoError(t, Scale(o, 2))
	assert.Equal(t, &OOD{Margin: 0.2, Quantile: 0.1}, o, "a quantile is no margin")
	for _, e := range All {
		c := e.New()
		before := fmt.Sprintf("%+v", c)
		require.NoError(t, Scale(c, 0.5))
		assert.NotEqual(t, before, fmt.Sprintf("%+v", c), "%s has no margin", e.Name)
	}
}
