package datasets

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/lethe-audit/lethe/internal/pixels"
)

const defaultCache = 512 << 20

// folder is a Set of files, prepared when they are read. Prepared pictures stay
// in memory until the budget is spent; none is thrown out for another, because a
// training pass, which reads everything in turn, would never find the one it needs.
type folder struct {
	listing
	name    string
	size    int
	limit   pixels.Limit
	decoder pixels.Decoder

	mu     sync.Mutex
	left   int64
	cached map[int][]uint8
	hashes map[int][sha256.Size]byte
}

// newFolders makes both sets, of one name.
func newFolders(train, test listing, size int, o FolderOptions) (a, b *folder) {
	if o.CacheBytes == 0 {
		o.CacheBytes = defaultCache
	}
	name := "imagefolder"
	if train.hasJPEG() || test.hasJPEG() {
		name = fmt.Sprintf("imagefolder (%s)", o.Decoder)
	}
	with := func(l listing) *folder {
		return &folder{
			listing: l, name: name, size: size, limit: o.MaxPixels, decoder: o.Decoder, left: o.CacheBytes,
			cached: map[int][]uint8{}, hashes: map[int][sha256.Size]byte{},
		}
	}
	return with(train), with(test)
}

func (f *folder) Name() string          { return f.name }
func (f *folder) Len() int              { return len(f.items) }
func (f *folder) Shape() (c, h, w int)  { return 3, f.size, f.size }
func (f *folder) Label(i int) int       { return f.items[i].label }
func (f *folder) Classes() []string     { return append([]string(nil), f.classes...) }
func (f *folder) ItemName(i int) string { return f.items[i].name }

// Read decodes on all processors. The pictures do not depend on their number,
// nor does the error, which is that of the first bad picture.
func (f *folder) Read(ctx context.Context, dst []float32, idx []int) error {
	if err := checkRead(f, dst, idx); err != nil {
		return err
	}
	n := 3 * f.size * f.size
	failed := make([]error, len(idx))
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for k, i := range idx {
		if ctx.Err() != nil {
			break
		}
		g.Go(func() error {
			pix, err := f.picture(i)
			if err == nil {
				toUnits(dst[k*n:(k+1)*n], pix)
			}
			failed[k] = err
			return nil
		})
	}
	if err := errors.Join(g.Wait(), ctx.Err()); err != nil {
		return fmt.Errorf("imagefolder: %w", err)
	}
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *folder) Hash(i int) ([sha256.Size]byte, error) {
	if i < 0 || i >= f.Len() {
		return [sha256.Size]byte{}, fmt.Errorf("imagefolder: there is no picture %d, the last is %d", i, f.Len()-1)
	}
	f.mu.Lock()
	h, ok := f.hashes[i]
	f.mu.Unlock()
	if ok {
		return h, nil
	}
	pix, err := f.picture(i)
	if err != nil {
		return h, err
	}
	h = sha256.Sum256(pix)
	f.mu.Lock()
	f.hashes[i] = h
	f.mu.Unlock()
	return h, nil
}

// picture is picture i's prepared bytes, plane by plane.
func (f *folder) picture(i int) ([]uint8, error) {
	f.mu.Lock()
	pix, ok := f.cached[i]
	f.mu.Unlock()
	if ok {
		return pix, nil
	}
	path := filepath.Join(f.dir, filepath.FromSlash(f.items[i].name))
	m, err := f.decoder.DecodeFile(path, f.limit)
	if err != nil {
		return nil, fmt.Errorf("imagefolder: %w", err)
	}
	if m, err = pixels.Square(m, f.size, pixels.Bicubic); err != nil {
		return nil, fmt.Errorf("imagefolder: %s: %w", path, err)
	}
	pix = pixels.Planes(m)
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.cached[i]; !ok && f.left >= int64(len(pix)) {
		f.cached[i] = pix
		f.left -= int64(len(pix))
	}
	return pix, nil
}
