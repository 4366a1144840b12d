package pixels

import (
	"bytes"
	"errors"
	"fmt"
	"image/png"
	"io"
)

// Limit is the most pixels a picture may have; 0 means [DefaultLimit].
type Limit int64

// DefaultLimit is 64 Mi pixels: more than a camera takes, and 192 MiB as RGB.
const DefaultLimit Limit = 64 << 20

// allows refuses empty pictures and those beyond the limit.
func (l Limit) allows(kind string, w, h int) error {
	if w <= 0 || h <= 0 {
		return fmt.Errorf("%s picture of %d×%d pixels is empty", kind, w, h)
	}
	if int64(w) > int64(l)/int64(h) {
		return fmt.Errorf("%s picture of %d×%d pixels is larger than the limit of %d pixels; shrink it or raise the limit",
			kind, w, h, l)
	}
	return nil
}

const (
	jpegMagic = "\xff\xd8\xff"
	pngMagic  = "\x89PNG\r\n\x1a\n"
)

// decode reads a picture from r, which holds about size bytes where that is known.
func (d Decoder) decode(r io.Reader, name string, limit Limit, size int64) (Image, error) {
	if limit == 0 {
		limit = DefaultLimit
	}
	// A picture's file is no longer than its pixels at 64 bits each, give or take
	// its metadata.
	most := 8*int64(limit) + 1<<20
	capped := &capReader{r: r, left: most}
	m, err := func() (Image, error) {
		start := make([]byte, len(pngMagic))
		n, err := io.ReadFull(capped, start)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return Image{}, err
		}
		start = start[:n]
		switch {
		case n == 0:
			return Image{}, errors.New("the file is empty")
		case bytes.HasPrefix(start, []byte(jpegMagic)):
			// The decoders take a whole file; its start is kept for EXIF.
			file := bytes.NewBuffer(make([]byte, 0, min(size, most)+bytes.MinRead))
			file.Write(start)
			if _, err := file.ReadFrom(capped); err != nil {
				return Image{}, err
			}
			m, err := d.chosen().decode(file.Bytes(), limit)
			if err != nil {
				return Image{}, err
			}
			return upright(m, orientation(file.Bytes())), nil
		case bytes.HasPrefix(start, []byte(pngMagic)):
			return decodePNG(io.MultiReader(bytes.NewReader(start), capped), limit)
		}
		return Image{}, errors.New("not a JPEG or PNG picture")
	}()
	if err != nil {
		return Image{}, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

// decodePNG reads the size first, then the same bytes again and the rest.
func decodePNG(r io.Reader, limit Limit) (Image, error) {
	head := new(bytes.Buffer)
	cfg, err := png.DecodeConfig(io.TeeReader(r, head))
	if err != nil {
		return Image{}, explain("PNG", err)
	}
	if err := limit.allows("PNG", cfg.Width, cfg.Height); err != nil {
		return Image{}, err
	}
	m, err := png.Decode(io.MultiReader(head, r))
	if err != nil {
		return Image{}, explain("PNG", err)
	}
	return toRGB(m), nil
}

func explain(kind string, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("the %s picture is cut short: %w", kind, io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("the %s picture cannot be decoded: %w", kind, err)
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
