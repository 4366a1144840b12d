package pixels

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// exifJPEG is the head of a JPEG whose APP1 holds one IFD0 entry.
func exifJPEG(order binary.AppendByteOrder, tag, kind uint16, count uint32, value uint16) []byte {
	tiff := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		tiff = []byte("MM\x00*")
	}
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 1)
	tiff = order.AppendUint16(tiff, tag)
	tiff = order.AppendUint16(tiff, kind)
	tiff = order.AppendUint32(tiff, count)
	tiff = order.AppendUint16(tiff, value)
	tiff = append(tiff, 0, 0, 0, 0, 0, 0)
	return append([]byte("\xff\xd8"), segment(0xe1, "Exif\x00\x00"+string(tiff))...)
}

func segment(marker byte, body string) []byte {
	b := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(body)+2))
	return append(b, body...)
}

func TestOrientation(t *testing.T) {
	le, be := binary.LittleEndian, binary.BigEndian
	good := exifJPEG(be, 0x112, 3, 1, 6)
	after := func(s []byte) []byte { return append(append([]byte("\xff\xd8"), s...), good[2:]...) }
	for _, c := range []struct {
		name string
		head []byte
		want int
	}{
		{"big-endian", good, 6},
		{"little-endian", exifJPEG(le, 0x112, 3, 1, 8), 8},
		{"after JFIF", after(segment(0xe0, "JFIF\x00")), 6},
		{"after XMP", after(segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00")), 6},
		{"after fill bytes", after([]byte{0xff, 0xff}), 6},
		{"after the scan's start", after(segment(0xda, "")), 1},
		{"value 0", exifJPEG(le, 0x112, 3, 1, 0), 1},
		{"value 9", exifJPEG(le, 0x112, 3, 1, 9), 1},
		{"a long, not a short", exifJPEG(le, 0x112, 4, 1, 6), 1},
		{"two values", exifJPEG(le, 0x112, 3, 2, 6), 1},
		{"another tag", exifJPEG(le, 0x110, 3, 1, 6), 1},
		{"no APP1", []byte("\xff\xd8\xff\xd9"), 1},
		{"not a JPEG", []byte("\x89PNG"), 1},
		{"nothing", nil, 1},
	} {
		assert.Equal(t, c.want, orientation(c.head), c.name)
	}
	for n := range good[:len(good)-1] {
		assert.Equal(t, 1, orientation(good[:n]), "cut to %d bytes", n)
	}
}

// Turning four times, or mirroring twice, is doing nothing.
func TestUprightIsAGroup(t *testing.T) {
	m := pattern("waves")
	for o, times := range map[int]int{1: 1, 2: 2, 3: 2, 4: 2, 5: 2, 6: 4, 7: 2, 8: 4} {
		got := m
		for i := range times {
			if i > 0 && o > 1 {
				require.NotEqual(t, m, got, "orientation %d applied %d times", o, i)
			}
			got = upright(got, o)
		}
		assert.Equal(t, m, got, "orientation %d applied %d times", o, times)
	}
	assert.Equal(t, m, upright(upright(m, 6), 8))
}

func FuzzOrientation(f *testing.F) {
	f.Add(exifJPEG(binary.LittleEndian, 0x112, 3, 1, 3))
	f.Add(exifJPEG(binary.BigEndian, 0x112, 3, 1, 7))
	f.Add([]byte("\xff\xd8\xff\xe1\xff\xffExif\x00\x00MM\x00*\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, head []byte) {
		o := orientation(head)
		require.True(t, o >= 1 && o <= 8)
	})
}
