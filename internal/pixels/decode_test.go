package pixels

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// decoders are those of this machine, Go's last.
func decoders() []Decoder {
	all := []Decoder{{goJPEG{}}}
	if t, err := turbo(); err == nil {
		all = append([]Decoder{{t}}, all...)
	}
	return all
}

func fixtures(t testing.TB) (names []string) {
	t.Helper()
	files, err := filepath.Glob("testdata/decode/*.*")
	require.NoError(t, err)
	for _, f := range files {
		if !strings.HasSuffix(f, ".rgb.png") {
			names = append(names, f)
		}
	}
	return names
}

// pillows is the picture that Pillow 9.4.0 with libjpeg-turbo 2.1.5 makes of a fixture.
func pillows(t testing.TB, file string) Image {
	return load(t, strings.TrimSuffix(file, filepath.Ext(file))+".rgb.png")
}

func TestTurboIsPillows(t *testing.T) {
	d, err := ParseDecoder("turbo")
	if err != nil {
		t.Skip(err)
	}
	files := fixtures(t)
	require.Len(t, files, 35)
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			got, err := d.DecodeFile(f, 0)
			require.NoError(t, err)
			assert.Equal(t, pillows(t, f), got)
		})
	}
}

// Go's inverse transform rounds differently, and it enlarges chroma without smoothing: coloured edges differ.
func TestGoIsAlmostPillows(t *testing.T) {
	refused := map[string]string{
		"jpeg-311": "subsampling ratio", "jpeg-arithmetic": "unknown marker", "jpeg-cmyk-no-adobe": "doesn't have Adobe APP14",
	}
	edges := map[string]int{"jpeg-422": 48, "jpeg-440": 51, "jpeg-420": 3}
	for _, name := range []string{"411", "420-edge", "jfif-version", "odd-size", "progressive-420", "restarts", "stray-bytes", "tail"} {
		edges["jpeg-"+name] = 84
	}
	for _, f := range fixtures(t) {
		name := strings.TrimSuffix(filepath.Base(f), filepath.Ext(f))
		t.Run(name, func(t *testing.T) {
			got, err := Decoder{goJPEG{}}.DecodeFile(f, 0)
			if refused[name] != "" {
				assert.ErrorContains(t, err, refused[name])
				return
			}
			require.NoError(t, err)
			allowed := max(2, edges[name])
			if strings.HasSuffix(f, ".png") {
				allowed = 0
			}
			assert.LessOrEqual(t, worst(t, got, pillows(t, f)), allowed)
		})
	}
}

func TestDecoderNames(t *testing.T) {
	d, err := ParseDecoder("go")
	require.NoError(t, err)
	assert.Equal(t, "go-image/jpeg", d.String())
	auto, err := ParseDecoder("auto")
	require.NoError(t, err)
	assert.Equal(t, DefaultDecoder(), auto)
	assert.Equal(t, auto.String(), Decoder{}.String(), "the zero decoder is the default")
	for _, d := range decoders() {
		again, err := ParseDecoder(d.String())
		require.NoError(t, err)
		assert.Equal(t, d, again)
	}
	assert.Equal(t, decoders()[0], auto, "libjpeg-turbo first")
	for _, name := range []string{"", "libjpeg", "libjpeg-turbo-0.0.1"} {
		_, err = ParseDecoder(name)
		assert.ErrorContains(t, err, "choose auto, turbo or go", name)
	}
}

func TestDecodersAgreeOnPNG(t *testing.T) {
	for _, f := range fixtures(t) {
		if strings.HasSuffix(f, ".png") {
			for _, d := range decoders() {
				m, err := d.DecodeFile(f, 0)
				require.NoError(t, err)
				assert.Equal(t, pillows(t, f), m)
			}
		}
	}
}
