package metrics

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const fixtureWeights = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

func full() Identity {
	return Identity{
		Metric: "kid", Variant: "unbiased", Features: "fixture", Weights: fixtureWeights, Unverified: true, Resize: "none",
		Decoder: "go-image/png", Sizes: "8x8", DType: "float32", N: 512, ReferenceN: 500, Reference: fixtureWeights, Splits: 10, Subsets: 100,
		SubsetSize: 50, K: 5, Seed: math.MaxUint64, Field: FieldHole, DataRange: 2,
	}
}

func TestIdentityName(t *testing.T) {
	for _, c := range []struct {
		id   Identity
		want string
	}{
		{Identity{Metric: "mse"}, "mse"},
		{Identity{Metric: "fd", Features: "fixture", Weights: fixtureWeights}, "fd(fixture)"},
		{Identity{Metric: "fd", Features: "inception-v3", Weights: fixtureWeights}, "fd(inception-v3)"},
		{Identity{Metric: "fd", Features: "inception-v3"}, "fd(inception-v3)"},
		{Identity{Metric: "fd", Features: "inception-v3", Weights: "6726825d"}, "fd(inception-v3)"},
		{Identity{Metric: "fd", Features: "inception-v3", Weights: inception20151205}, "FID"},
		{Identity{Metric: "fd", Features: "inception-v3", Weights: inceptionScript}, "FID"},
		{Identity{Metric: "kid", Features: "x", Weights: inception20151205}, "KID"},
		{Identity{Metric: "is", Features: "x", Weights: inception20151205}, "IS"},
		{Identity{Metric: "is", Features: "fixture", Weights: fixtureWeights}, "is(fixture)"},
		{Identity{Metric: "embedding", Features: "clip", Weights: inception20151205}, "embedding(clip)"},
	} {
		assert.Equal(t, c.want, c.id.Name(), "%+v", c.id)
	}
	assert.True(t, isSHA256(inception20151205))
}

func TestIdentityString(t *testing.T) {
	for _, c := range []struct {
		id   Identity
		want string
	}{
		{full(), "kid(fixture) variant=unbiased weights=001122334455 unverified=true resize=none decoder=go-image/png sizes=8x8 dtype=float32 " +
			"n=512 reference_n=500 reference=001122334455 splits=10 subsets=100 subset_size=50 k=5 seed=18446744073709551615 " +
			"field=hole data_range=2"},
		{Identity{Metric: "fd", Features: "inception", Weights: inception20151205, N: 9}, "FID features=inception weights=6726825d0af5 n=9"},
		{Identity{Metric: "kid", Subsets: 3, Field: FieldImage}, "kid subsets=3 seed=0 field=image"},
		{Identity{Metric: "ssim", Variant: string(SSIMSkimage), Field: FieldImage, DataRange: 1},
			"ssim variant=skimage field=image data_range=1"},
	} {
		assert.Equal(t, c.want, c.id.String())
	}
}

func TestIdentityJSON(t *testing.T) {
	raw, err := json.Marshal(full())
	require.NoError(t, err)
	assert.Contains(t, string(raw), `"seed":"18446744073709551615"`)
	var back Identity
	require.NoError(t, json.Unmarshal(raw, &back))
	assert.Equal(t, full(), back)
	raw, err = json.Marshal(Identity{Metric: "mse", Field: FieldHole})
	require.NoError(t, err)
	assert.Equal(t, `{"metric":"mse","field":"hole"}`, string(raw))
}

// A change of any one field makes another identity, and Diff names that field alone.
func TestDiffNamesEveryField(t *testing.T) {
	assert.Empty(t, Diff(full(), full()))
	typ := reflect.TypeFor[Identity]()
	for i := range typ.NumField() {
		changed := full()
		f := reflect.ValueOf(&changed).Elem().Field(i)
		f.SetZero()
		name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		assert.NotEqual(t, full(), changed)
		diff := Diff(full(), changed)
		assert.True(t, strings.HasPrefix(diff, name+": "), diff)
		assert.NotContains(t, diff, ";")
		assert.NotEqual(t, full().String(), changed.String(), "%s is missing from String", name)
	}
}

func ExampleDiff() {
	a := Identity{Metric: "fd", Features: "fixture", N: 512, Field: FieldImage}
	b := Identity{Metric: "fd", Features: "fixture", N: 256, Field: FieldImage, Resize: "bilinear-64"}
	fmt.Println(Diff(a, b))
	// Output: resize: none vs bilinear-64; n: 512 vs 256
}

func TestIdentityValidate(t *testing.T) {
	require.NoError(t, full().Validate())
	require.NoError(t, Identity{Metric: "mse", Field: FieldImage, DataRange: 1}.Validate())
	for _, c := range []struct {
		change func(*Identity)
		says   string
	}{
		{func(i *Identity) { i.Metric = "" }, "no metric"},
		{func(i *Identity) { i.Weights = "" }, "sha256"},
		{func(i *Identity) { i.Weights = strings.ToUpper(fixtureWeights) }, "sha256"},
		{func(i *Identity) { i.Field = "half" }, `"half"`},
		{func(i *Identity) { i.N = -1 }, "negative"},
		{func(i *Identity) { i.DataRange = math.NaN() }, "data range NaN"},
		{func(i *Identity) { i.DataRange = -1 }, "data range -1"},
	} {
		id := full()
		c.change(&id)
		assert.ErrorContains(t, id.Validate(), c.says)
	}
}
