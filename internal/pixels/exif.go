package pixels

import (
	"bytes"
	"encoding/binary"
)

// orientation reads the EXIF orientation (1…8) from the first APP1 segment of a
// JPEG's head. Anything missing, cut or malformed means 1, upright: a camera's
// slip in the metadata is no reason to refuse the picture.
// Source: EXIF 2.3 §4.5 (TIFF header, IFD0) and JPEG ISO 10918-1 annex B.
func orientation(jpeg []byte) int {
	const app1, startOfScan, endOfImage = 0xe1, 0xda, 0xd9
	if len(jpeg) < 2 || jpeg[0] != 0xff || jpeg[1] != 0xd8 {
		return 1
	}
	for b := jpeg[2:]; len(b) >= 4 && b[0] == 0xff; {
		if b[1] == 0xff { // fill byte
			b = b[1:]
			continue
		}
		if b[1] == startOfScan || b[1] == endOfImage {
			break
		}
		n := int(binary.BigEndian.Uint16(b[2:]))
		if n < 2 || len(b) < 2+n {
			break
		}
		if tiff, ok := bytes.CutPrefix(b[4:2+n], []byte("Exif\x00\x00")); ok && b[1] == app1 {
			return tiffOrientation(tiff)
		}
		b = b[2+n:]
	}
	return 1
}

func tiffOrientation(b []byte) int {
	const tagOrientation, typeShort, entry = 0x0112, 3, 12
	if len(b) < 8 {
		return 1
	}
	var order binary.ByteOrder
	switch string(b[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	at := uint64(order.Uint32(b[4:]))
	if at+2 > uint64(len(b)) {
		return 1
	}
	entries := b[at+2:]
	for range order.Uint16(b[at:]) {
		if len(entries) < entry {
			break
		}
		if order.Uint16(entries) == tagOrientation {
			v := int(order.Uint16(entries[8:]))
			if order.Uint16(entries[2:]) == typeShort && order.Uint32(entries[4:]) == 1 && v >= 1 && v <= 8 {
				return v
			}
			return 1
		}
		entries = entries[entry:]
	}
	return 1
}

// The orientations whose stored columns run from right to left, and whose stored
// rows run from the bottom up.
var (
	mirrored = [9]bool{2: true, 3: true, 7: true, 8: true}
	flipped  = [9]bool{3: true, 4: true, 6: true, 7: true}
)

// upright undoes an EXIF orientation: the value says where the stored first row
// and column lie in the scene (2 mirrored, 3 upside down, 4 flipped, 5 to 8 on
// their side).
func upright(m Image, orientation int) Image {
	if orientation < 2 || orientation > 8 {
		return m
	}
	w, h := m.W, m.H
	if orientation >= 5 {
		w, h = h, w
	}
	out := New(w, h)
	for y := range h {
		for x := range w {
			sx, sy := x, y
			if orientation >= 5 {
				sx, sy = y, x
			}
			if mirrored[orientation] {
				sx = m.W - 1 - sx
			}
			if flipped[orientation] {
				sy = m.H - 1 - sy
			}
			copy(out.Pix[3*(y*w+x):][:3], m.Pix[3*(sy*m.W+sx):])
		}
	}
	return out
}
