//go:build cgo && linux

package pixels

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/lethe-audit/lethe/internal/golden"
)

func TestTurboAbsent(t *testing.T) {
	_, err := loadTurbo("libnone.so.0")
	assert.ErrorContains(t, err, "libnone.so.0 cannot be loaded (libnone.so.0: cannot open shared object file")
	assert.ErrorContains(t, err, "apt-get install libturbojpeg0) or choose the decoder go")
	_, err = loadTurbo("libc.so.6")
	assert.ErrorContains(t, err, "no libjpeg-turbo")
}

func TestTurboName(t *testing.T) {
	assert.Equal(t, "libjpeg-turbo-2.1.5", turboName([]byte("\x00libjpeg-turbo version 2.1.5 (build 20230203)\x00")))
	assert.Regexp(t, `^libjpeg-turbo-sha256-[0-9a-f]{12}$`, turboName([]byte("some other library")))
}

// bent changes a fixture's bytes.
func bent(t *testing.T, name string, change func([]byte) []byte) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "decode", name))
	require.NoError(t, err)
	return change(b)
}

func TestTurboRefusesHalfPictures(t *testing.T) {
	d, err := ParseDecoder("turbo")
	if err != nil {
		t.Skip(err)
	}
	endEarly := func(b []byte) []byte { return append(b[:len(b)-40:len(b)-40], 0xff, 0xd9) }
	stray := func(b []byte) []byte { return append(append(bytes.Clone(b[:20]), 1, 2, 3), b[20:]...) } // after APP0
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"the scan ends early", bent(t, "jpeg-420-edge.jpg", endEarly), "premature end of data segment"},
		{"stray bytes, then the scan ends early", bent(t, "jpeg-420-edge.jpg",
			func(b []byte) []byte { return stray(endEarly(b)) }), "extraneous bytes"},
		{"stray bytes, then the file ends", bent(t, "jpeg-420-edge.jpg", func(b []byte) []byte { return stray(b[:len(b)-60]) }),
			"extraneous bytes"},
		{"two components", jpegWithComponents(2), "its colours are neither"},
		{"no tables", jpegHead(8, 8), "table 0x00 was not defined"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := d.Decode(bytes.NewReader(c.file), "a.jpg", 0)
			assert.ErrorContains(t, err, c.want)
			assert.Empty(t, m)
		})
	}
	m, err := d.Decode(bytes.NewReader(bent(t, "jpeg-420-edge.jpg", stray)), "a.jpg", 0)
	require.NoError(t, err, "stray bytes alone are harmless")
	assert.Equal(t, load(t, "testdata/decode/jpeg-420-edge.rgb.png"), m)
}

func jpegWithComponents(n byte) []byte {
	b := append([]byte("\xff\xd8\xff\xc0\x00"), 8+3*n, 8, 0, 8, 0, 8, n)
	scan := append([]byte("\xff\xda\x00"), 6+2*n, n)
	for i := range n {
		b = append(b, i+1, 0x11, 0)
		scan = append(scan, i+1, 0)
	}
	return append(append(b, scan...), 0, 63, 0)
}

// Many goroutines decode at once, and every one gets its own picture.
func TestTurboInGoroutines(t *testing.T) {
	d, err := ParseDecoder("turbo")
	if err != nil {
		t.Skip(err)
	}
	var g errgroup.Group
	for k := range 16 {
		g.Go(func() error {
			m := image.NewGray(image.Rect(0, 0, 64+k, 48))
			for i := range m.Pix {
				m.Pix[i] = uint8(16 * k)
			}
			file := encoded(t, m, "jpeg")
			for range 20 {
				got, err := d.Decode(bytes.NewReader(file), "a.jpg", 0)
				if err != nil {
					return err
				}
				if got.W != 64+k || (color.Gray{Y: got.Pix[100]}) != m.GrayAt(33, 0) {
					return fmt.Errorf("picture %d is another's: %d wide, %d", k, got.W, got.Pix[100])
				}
				if _, err := d.Decode(bytes.NewReader(file[:len(file)/2]), "a.jpg", 0); err == nil {
					return fmt.Errorf("half of picture %d passed", k)
				}
			}
			return nil
		})
	}
	require.NoError(t, g.Wait())
}

// Every photograph has Pillow's bytes. Runs testdata/pillow.py with /usr/bin/python3.
func TestTurboIsPillowsOnPhotographs(t *testing.T) {
	if os.Getenv("LETHE_SLOW") != "1" {
		t.Skip("set LETHE_SLOW=1 to compare thousands of files with Pillow")
	}
	d, err := ParseDecoder("turbo")
	require.NoError(t, err)
	var files []string
	require.NoError(t, filepath.WalkDir(golden.Beside(t, "data"), func(path string, e fs.DirEntry, err error) error {
		if ext := strings.ToLower(filepath.Ext(path)); ext == ".jpeg" || ext == ".jpg" || ext == ".png" {
			files = append(files, path)
		}
		return err
	}))
	pillow := exec.Command("/usr/bin/python3", "testdata/pillow.py")
	pillow.Stdin = strings.NewReader(strings.Join(files, "\n"))
	out, err := pillow.Output()
	require.NoError(t, err)
	want := strings.Split(strings.TrimSpace(string(out)), "\n")
	require.Len(t, want, len(files))
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, f := range files {
		g.Go(func() error {
			m, err := d.DecodeFile(f, 0)
			if err != nil {
				return err
			}
			if got := fmt.Sprintf("%x %d %d %s", sha256.Sum256(m.Pix), m.W, m.H, f); got != want[i] {
				return fmt.Errorf("%s\nPillow: %s", got, want[i])
			}
			return nil
		})
	}
	require.NoError(t, g.Wait())
	t.Logf("%d files, the same bytes as Pillow's, by %s", len(files), d)
}
