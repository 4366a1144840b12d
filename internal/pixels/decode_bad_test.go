package pixels

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/golden"
)

// pngHead is a PNG that only claims a size: signature and IHDR.
func pngHead(w, h uint32) []byte {
	b := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d")
	ihdr := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	ihdr = binary.BigEndian.AppendUint32(ihdr, h)
	ihdr = append(ihdr, 8, 2, 0, 0, 0)
	return binary.BigEndian.AppendUint32(append(b, ihdr...), crc32.ChecksumIEEE(ihdr))
}

// jpegHead is a JPEG that only claims a size: SOI, a JFIF segment, SOF0 and the start of a scan.
func jpegHead(w, h uint16) []byte {
	b := []byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xc0\x00\x0b\x08")
	b = binary.BigEndian.AppendUint16(b, h)
	b = binary.BigEndian.AppendUint16(b, w)
	return append(b, "\x01\x01\x11\x00\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"...)
}

func encoded(t testing.TB, m image.Image, format string) []byte {
	t.Helper()
	var b bytes.Buffer
	if format == "png" {
		require.NoError(t, png.Encode(&b, m))
	} else {
		require.NoError(t, jpeg.Encode(&b, m, nil))
	}
	return b.Bytes()
}

func TestDecodeRefuses(t *testing.T) {
	small := encoded(t, image.NewGray(image.Rect(0, 0, 20, 10)), "png")
	for _, c := range []struct {
		name  string
		data  []byte
		limit Limit
		want  string
	}{
		{"empty", nil, 0, "cat.jpg: the file is empty"},
		{"text", []byte("not a picture at all"), 0, "cat.jpg: not a JPEG or PNG picture"},
		{"three bytes", []byte("abc"), 0, "not a JPEG or PNG"},
		{"gif", []byte("GIF89a\x01\x00\x01\x00"), 0, "not a JPEG or PNG"},
		{"png bomb", pngHead(60000, 60000), 0, "60000×60000 pixels is larger than the limit of 67108864"},
		{"widest png", pngHead(1<<31-1, 1), 0, "2147483647×1 pixels is larger"},
		{"jpeg bomb", jpegHead(65000, 65000), 0, "65000×65000 pixels is larger than the limit"},
		{"own limit", small, 199, "20×10 pixels is larger than the limit of 199 pixels"},
		{"png without size", pngHead(0, 5), 0, "PNG picture"},
		{"jpeg without size", jpegHead(0, 5), 0, "JPEG picture"},
		{"only a head", pngHead(5, 5), 0, "cut short"},
		{"half a head", pngHead(5, 5)[:20], 0, "the PNG picture is cut short"},
		{"start of a jpeg", []byte("\xff\xd8\xff"), 0, "the JPEG picture is cut short"},
		{"flipped byte", append(bytes.Clone(small[:45]), append([]byte{small[45] ^ 0xff}, small[46:]...)...), 0,
			"the PNG picture cannot be decoded"},
		{"metadata without end", append([]byte("\xff\xd8"), bytes.Repeat([]byte("\xff\xe5\xff\xff"+string(make([]byte, 65533))),
			20)...), 1, "longer than any picture within the limit"},
	} {
		for _, d := range decoders() {
			t.Run(c.name+"/"+d.String(), func(t *testing.T) {
				m, err := d.Decode(bytes.NewReader(c.data), "cat.jpg", c.limit)
				assert.ErrorContains(t, err, c.want)
				assert.ErrorContains(t, err, "cat.jpg: ")
				assert.Empty(t, m)
			})
		}
	}
	_, err := Decoder{}.Decode(bytes.NewReader(small), "a", 200)
	assert.NoError(t, err, "the limit itself is allowed")
}

func TestDecodeRefusesEveryPrefix(t *testing.T) {
	files := []string{"rgba.png", "palette.png", "jpeg-progressive.jpg", "orientation-6.jpg", "jpeg-stray-bytes.jpg", "jpeg-jfif-version.jpg"}
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join("testdata", "decode", f))
		require.NoError(t, err)
		for _, d := range decoders() {
			for n := range len(data) {
				m, err := d.Decode(bytes.NewReader(data[:n]), f, 0)
				require.Error(t, err, "%s by %s, cut to %d of %d bytes", f, d, n, len(data))
				require.Empty(t, m)
			}
		}
	}
}

func TestDecodePassesReadErrorsOn(t *testing.T) {
	data, err := os.ReadFile("testdata/decode/jpeg-420.jpg")
	require.NoError(t, err)
	gone := errors.New("the disk went away")
	for _, n := range []int64{0, 4, 100, int64(len(data)) - 9} {
		for _, d := range decoders() {
			r := io.MultiReader(io.LimitReader(bytes.NewReader(data), n), iotest.ErrReader(gone))
			_, err := d.Decode(r, "a.jpg", 0)
			assert.ErrorIs(t, err, gone, "after %d bytes", n)
		}
	}
	_, err = Decoder{}.Decode(iotest.OneByteReader(bytes.NewReader(data)), "a.jpg", 0)
	assert.NoError(t, err)
	_, err = Decoder{}.DecodeFile(filepath.Join(t.TempDir(), "none.jpg"), 0)
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// The bytes say what a file is, its name does not.
func TestDecodeIgnoresTheName(t *testing.T) {
	for _, d := range decoders() {
		for wrong, f := range map[string]string{"a.png": "jpeg-420.jpg", "a.jpg": "rgba.png", "a.txt": "jpeg-grey.jpg"} {
			data, err := os.ReadFile(filepath.Join("testdata", "decode", f))
			require.NoError(t, err)
			path := filepath.Join(t.TempDir(), wrong)
			require.NoError(t, os.WriteFile(path, data, 0o600))
			got, err := d.DecodeFile(path, 0)
			require.NoError(t, err)
			want, err := d.DecodeFile(filepath.Join("testdata", "decode", f), 0)
			require.NoError(t, err)
			assert.Equal(t, want, got)
		}
		_, err := d.DecodeFile(t.TempDir(), 0)
		assert.ErrorContains(t, err, "is a directory")
	}
}

// 16-bit samples keep their high byte; alpha is dropped, not multiplied.
func TestDecodeSixteenBits(t *testing.T) {
	r := image.Rect(0, 0, 1, 1)
	grey, opaque, clear := image.NewGray16(r), image.NewNRGBA64(r), image.NewNRGBA64(r)
	grey.SetGray16(0, 0, color.Gray16{Y: 0x12ff})
	opaque.SetNRGBA64(0, 0, color.NRGBA64{R: 0x0180, G: 0x7fff, B: 0xfeff, A: 0xffff})
	clear.SetNRGBA64(0, 0, color.NRGBA64{R: 0x0180, G: 0x7fff, B: 0xfeff, A: 1})
	for _, c := range []struct {
		m    image.Image
		want []uint8
	}{{grey, []uint8{0x12, 0x12, 0x12}}, {opaque, []uint8{1, 0x7f, 0xfe}}, {clear, []uint8{1, 0x7f, 0xfe}}} {
		m, err := Decoder{}.Decode(bytes.NewReader(encoded(t, c.m, "png")), "deep.png", 0)
		require.NoError(t, err)
		assert.Equal(t, c.want, m.Pix)
	}
}

// A type that neither decoder returns today still gives its colours.
func TestToRGBOfOtherTypes(t *testing.T) {
	assert.Equal(t, []uint8{1, 2, 3}, toRGB(oneColour{}).Pix)
}

type oneColour struct{}

func (oneColour) ColorModel() color.Model { return color.NRGBAModel }
func (oneColour) Bounds() image.Rectangle { return image.Rect(7, 7, 8, 8) }
func (oneColour) At(int, int) color.Color { return color.NRGBA{1, 2, 3, 9} }

func FuzzDecodeJPEG(f *testing.F) {
	f.Add(jpegHead(65000, 65000))
	fuzzDecode(f, ".jpg")
}

func FuzzDecodePNG(f *testing.F) {
	f.Add(pngHead(60000, 60000))
	fuzzDecode(f, ".png")
}

// fuzzDecode gives every decoder what grows from the fixtures: a whole picture within the limit, or an error. All
// that decode it find the same size.
func fuzzDecode(f *testing.F, ext string) {
	for _, p := range fixtures(f) {
		if filepath.Ext(p) == ext {
			data, err := os.ReadFile(p)
			require.NoError(f, err)
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var size string
		for _, d := range decoders() {
			m, err := d.Decode(bytes.NewReader(data), "fuzz", 1<<16)
			if err != nil {
				require.Empty(t, m)
				continue
			}
			require.NoError(t, m.check())
			require.LessOrEqual(t, m.W*m.H, 1<<16)
			this := fmt.Sprintf("%d×%d", m.W, m.H)
			require.True(t, size == "" || size == this, "decoders agree on the size")
			size = this
		}
	})
}

func BenchmarkDecodeSquare64(b *testing.B) {
	files, err := filepath.Glob(filepath.Join(golden.Beside(b, "data", "imagenette2-224-subset"), "train", "n01440764", "*"))
	require.NoError(b, err)
	require.NotEmpty(b, files)
	i := 0
	for b.Loop() {
		m, err := Decoder{}.DecodeFile(files[i%len(files)], 0)
		if err == nil {
			_, err = Square(m, 64, Bicubic)
		}
		if err != nil {
			b.Fatal(err)
		}
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "images/s")
}
