package pixels

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"os"
)

// Decoder says what turns a JPEG file into pixels. Decoders differ, by one grey level on average and by a hundred at
// coloured edges, so a figure made from JPEG files is named with its decoder ([Decoder.String]). The zero Decoder is
// [DefaultDecoder]. A Decoder may be used from several goroutines; most of the work is done outside Go's scheduler,
// so that two goroutines a processor keep it busy.
type Decoder struct{ jpeg jpegDecoder }

// jpegDecoder unpacks a whole JPEG file of at most limit pixels. name carries the version.
type jpegDecoder interface {
	name() string
	decode(file []byte, limit Limit) (Image, error)
}

// DefaultDecoder is libjpeg-turbo, whose pixels are Pillow's, and Go's decoder on a machine that lacks it.
func DefaultDecoder() Decoder {
	if t, err := turbo(); err == nil {
		return Decoder{t}
	}
	return Decoder{goJPEG{}}
}

// ParseDecoder finds a decoder by its name: "auto" is [DefaultDecoder], "turbo" is libjpeg-turbo or an error that
// says why it cannot be used here, "go" is the decoder of Go's standard library, which every machine has. The names
// of [Decoder.String] are understood as well, where this machine has that very version.
func ParseDecoder(name string) (Decoder, error) {
	switch name {
	case "auto":
		return DefaultDecoder(), nil
	case "go", goJPEG{}.name():
		return Decoder{goJPEG{}}, nil
	case "turbo":
		t, err := turbo()
		if err != nil {
			return Decoder{}, fmt.Errorf("the JPEG decoder turbo cannot be used: %w", err)
		}
		return Decoder{t}, nil
	}
	if t, err := turbo(); err == nil && t.name() == name {
		return Decoder{t}, nil
	}
	return Decoder{}, fmt.Errorf("unknown JPEG decoder %q: choose auto, turbo or go", name)
}

// String is the decoder's name with its version where it has one of its own, such as libjpeg-turbo-2.1.5 or
// go-image/jpeg: part of the identity of what is computed from JPEG files.
func (d Decoder) String() string { return d.chosen().name() }

func (d Decoder) chosen() jpegDecoder {
	if d.jpeg == nil {
		return DefaultDecoder().jpeg
	}
	return d.jpeg
}

// Decode reads a JPEG or PNG picture, whatever its name says. Its size is read
// first, and more pixels than limit are refused before they are unpacked. name
// appears in errors.
//
// The result is what Pillow's convert("RGB") gives: grey is repeated, a palette
// looked up, alpha dropped (not composed with a background), CMYK turned to RGB,
// and of 16-bit samples the high byte is kept (Pillow 9.4 does so for colour; it
// clips 16-bit grey at 255, which is not followed). A JPEG's EXIF orientation is
// applied. A PNG is lossless and the same from every decoder; a JPEG has the
// same bytes as Pillow's from libjpeg-turbo of the same version, and others from
// Go's decoder.
//
// An empty, cut, malformed or other file is an error, never half a picture, and
// so is a JPEG that libjpeg decodes with a warning. Two warnings are harmless,
// stray bytes before a marker and an unknown JFIF version, and are accepted where
// Go's decoder finds the file whole too. A CMYK JPEG without Adobe's marker does
// not say what its numbers mean: libjpeg-turbo reads it as Pillow does, as if
// it had the marker, and Go's decoder refuses it.
func (d Decoder) Decode(r io.Reader, name string, limit Limit) (Image, error) {
	return d.decode(r, name, limit, 0)
}

// DecodeFile is Decode on a file.
func (d Decoder) DecodeFile(path string, limit Limit) (_ Image, err error) {
	f, err := os.Open(path)
	if err != nil {
		return Image{}, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return Image{}, err
	}
	return d.decode(f, path, limit, info.Size())
}

// goJPEG is Go's own decoder.
type goJPEG struct{}

func (goJPEG) name() string { return "go-image/jpeg" }

func (goJPEG) decode(file []byte, limit Limit) (Image, error) {
	cfg, err := jpeg.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return Image{}, explain("JPEG", err)
	}
	if err := limit.allows("JPEG", cfg.Width, cfg.Height); err != nil {
		return Image{}, err
	}
	var m image.Image
	if m, err = jpeg.Decode(bytes.NewReader(file)); err != nil {
		return Image{}, explain("JPEG", err)
	}
	return toRGB(m), nil
}
