package datasets

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/golden"
	"github.com/lethe-audit/lethe/internal/pixels"
)

// records makes n records whose pixels tell label, plane and place.
func records(n int, labels ...byte) []byte {
	var b []byte
	for i := range n {
		label := labels[i%len(labels)]
		b = append(b, label)
		for k := range cifarPixels {
			b = append(b, byte(k/1024*50+k%7+int(label)+i))
		}
	}
	return b
}

func TestCIFAR10(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "data_batch_1.bin"), records(3, 0, 9))
	write(t, filepath.Join(dir, "data_batch_4.bin"), records(1, 5))
	write(t, filepath.Join(dir, "test_batch.bin"), records(2, 7))
	train, test, err := CIFAR10(dir)
	require.NoError(t, err)
	assert.Equal(t, []int{4, 2}, []int{train.Len(), test.Len()})
	assert.Equal(t, []int{0, 9, 0, 5}, []int{train.Label(0), train.Label(1), train.Label(2), train.Label(3)})
	assert.Equal(t, []string{"data_batch_1.bin:2", "data_batch_4.bin:0"}, []string{NameOf(train, 2), NameOf(train, 3)})
	assert.Equal(t, "horse", test.Classes()[test.Label(0)])
	x := read(t, train, 3)
	assert.Equal(t, pixels.ToUnit(5), x[0])
	assert.Equal(t, pixels.ToUnit(50+1024%7+5), x[1024], "planes are red, green, blue")

	inner := t.TempDir()
	require.NoError(t, os.Rename(dir, filepath.Join(inner, cifarFolder)))
	write(t, filepath.Join(inner, cifarFolder, "batches.meta.txt"), []byte("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n"))
	train, _, err = CIFAR10(inner)
	require.NoError(t, err)
	assert.Equal(t, "j", train.Classes()[9])
}

func TestCIFAR10Refuses(t *testing.T) {
	good := records(2, 1)
	for _, c := range []struct {
		name  string
		files map[string][]byte
		want  string
	}{
		{"no files", map[string][]byte{"readme": nil}, "holds none of data_batch_1.bin"},
		{"no test batch", map[string][]byte{"data_batch_1.bin": good}, "test_batch.bin: no such file"},
		{"cut record", map[string][]byte{"data_batch_2.bin": good[:5000], "test_batch.bin": good},
			"data_batch_2.bin is cut inside record 1: 5000 bytes"},
		{"empty file", map[string][]byte{"data_batch_1.bin": {}, "test_batch.bin": good}, "data_batch_1.bin is empty"},
		{"wrong label", map[string][]byte{"data_batch_1.bin": good, "test_batch.bin": records(2, 3, 10)},
			"test_batch.bin: record 1 has label 10"},
		{"too long", map[string][]byte{"data_batch_1.bin": make([]byte, 10001*cifarRecord), "test_batch.bin": good}, "has 10001 records"},
		{"nine names", map[string][]byte{"data_batch_1.bin": good, "test_batch.bin": good,
			"batches.meta.txt": []byte("a b c d e f g h i")}, "names 9 classes, not 10"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, b := range c.files {
				write(t, filepath.Join(dir, name), b)
			}
			train, test, err := CIFAR10(dir)
			assert.ErrorContains(t, err, c.want)
			assert.ErrorContains(t, err, "cifar10: ")
			assert.Nil(t, train)
			assert.Nil(t, test)
		})
	}
	_, _, err := CIFAR10(filepath.Join(t.TempDir(), "none"))
	assert.ErrorIs(t, err, os.ErrNotExist)
	assert.ErrorContains(t, err, "give the folder")
}

func TestCIFAR10Official(t *testing.T) {
	dir := golden.Beside(t, "data", "cifar10-exact")
	train, test, err := CIFAR10(dir)
	require.NoError(t, err)
	assert.Equal(t, 4000+4*1017, train.Len())
	assert.Equal(t, 1017, test.Len())
	assert.Equal(t, cifarNames, train.Classes())
	assert.Equal(t, "data_batch_2.bin:0", NameOf(train, 4000))
	raw, err := os.ReadFile(filepath.Join(dir, cifarFolder, "data_batch_2.bin"))
	require.NoError(t, err)
	assert.EqualValues(t, raw[0], train.Label(4000))
	var first bytes.Buffer
	for _, v := range read(t, train, 4000) {
		first.WriteByte(pixels.FromUnit(v))
	}
	assert.Equal(t, raw[1:cifarRecord], first.Bytes())
	h, err := train.Hash(4000)
	require.NoError(t, err)
	assert.Len(t, hex.EncodeToString(h[:]), 64)
}

func FuzzCIFAR10(f *testing.F) {
	f.Add(records(1, 3))
	f.Add(records(2, 3, 200))
	f.Add([]byte{1, 2, 3})
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "data_batch_1.bin"), b)
		write(t, filepath.Join(dir, "test_batch.bin"), records(1, 0))
		train, _, err := CIFAR10(dir)
		if err != nil {
			require.Nil(t, train)
			return
		}
		require.Equal(t, len(b), train.Len()*cifarRecord)
	})
}
