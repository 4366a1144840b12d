package pixels

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"os"
)

// Limit is the most pixels a picture may have; 0 means [DefaultLimit].
type Limit int64

// DefaultLimit is 64 Mi pixels: more than a camera takes, and 192 MiB as RGB.
const DefaultLimit Limit = 64 << 20

// Decode reads a JPEG or PNG picture, whatever its name says. Its size is read
// first, and more pixels than limit are refused before they are unpacked. name
// appears in errors.
//
// The result is what Pillow's convert("RGB") gives: grey is repeated, a palette
// looked up, alpha dropped (not composed with a background), CMYK turned to RGB,
// and of 16-bit samples the high byte is kept (Pillow 9.4 does so for colour; it
// clips 16-bit grey at 255, which is not followed). A JPEG's EXIF orientation is
// applied. An empty, cut, malformed or other file is an error.
func Decode(r io.Reader, name string, limit Limit) (Image, error) {
	m, err := decode(r, limit)
	if err != nil {
		return Image{}, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

// DecodeFile is Decode on a file.
func DecodeFile(path string, limit Limit) (_ Image, err error) {
	f, err := os.Open(path)
	if err != nil {
		return Image{}, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return Decode(f, path, limit)
}

type codec struct {
	name, magic string
	config      func(io.Reader) (image.Config, error)
	decode      func(io.Reader) (image.Image, error)
}

var codecs = []codec{
	{"JPEG", "\xff\xd8\xff", jpeg.DecodeConfig, jpeg.Decode},
	{"PNG", "\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode},
}

func decode(r io.Reader, limit Limit) (Image, error) {
	if limit == 0 {
		limit = DefaultLimit
	}
	// A picture's file is no longer than its pixels at 64 bits each, give or take
	// its metadata.
	capped := &capReader{r: r, left: 8*int64(limit) + 1<<20}
	// head keeps what the size was read from, for EXIF and for decoding.
	head := new(bytes.Buffer)
	if _, err := io.CopyN(head, capped, 8); err != nil && !errors.Is(err, io.EOF) {
		return Image{}, err
	}
	if head.Len() == 0 {
		return Image{}, errors.New("the file is empty")
	}
	c, err := sniff(head.Bytes())
	if err != nil {
		return Image{}, err
	}
	start := bytes.NewReader(bytes.Clone(head.Bytes()))
	cfg, err := c.config(io.MultiReader(start, io.TeeReader(capped, head)))
	if err != nil {
		return Image{}, c.explain(err)
	}
	if cfg.Width <= 0 || cfg.Height <= 0 {
		return Image{}, fmt.Errorf("%s picture of %d×%d pixels is empty", c.name, cfg.Width, cfg.Height)
	}
	if int64(cfg.Width) > int64(limit)/int64(cfg.Height) {
		return Image{}, fmt.Errorf("%s picture of %d×%d pixels is larger than the limit of %d pixels; shrink it or raise the limit", c.name, cfg.Width, cfg.Height, limit)
	}
	src, err := c.decode(io.MultiReader(bytes.NewReader(head.Bytes()), capped))
	if err != nil {
		return Image{}, c.explain(err)
	}
	m := toRGB(src)
	if c.name == "JPEG" {
		m = upright(m, orientation(head.Bytes()))
	}
	return m, nil
}

func sniff(start []byte) (codec, error) {
	for _, c := range codecs {
		if bytes.HasPrefix(start, []byte(c.magic)) {
			return c, nil
		}
	}
	return codec{}, errors.New("not a JPEG or PNG picture")
}

func (c codec) explain(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("the %s picture is cut short: %w", c.name, io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("the %s picture cannot be decoded: %w", c.name, err)
}

// capReader fails, where io.LimitedReader would only end, so that a file that is
// too long is not called cut short.
type capReader struct {
	r    io.Reader
	left int64
}

func (c *capReader) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, errors.New("the file is longer than any picture within the limit; raise the limit")
	}
	n, err := c.r.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	return n, err
}
