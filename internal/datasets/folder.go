package datasets

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lethe-audit/lethe/internal/pixels"
)

// FolderOptions tunes [ImageFolder]; its zero value is the default.
type FolderOptions struct {
	CacheBytes int64          // most bytes of prepared pictures kept in memory; 0 is 512 MiB, negative none
	MaxPixels  pixels.Limit   // largest picture that is unpacked
	HoldOut    float64        // share kept for testing where the folder has no test part; 0 is 0.2
	Seed       uint64         // which ones HoldOut keeps
	Decoder    pixels.Decoder // what unpacks JPEG files; part of the sets' names where there are any
}

// ImageFolder reads class folders of JPEG and PNG pictures, laid out as ImageNet
// and Places365 are: dir/train/<class>/* and dir/val/<class>/* (or test). Where
// dir holds class folders directly, HoldOut of the pictures become the test set,
// each chosen by a hash of its path, so that adding pictures moves no other.
//
// Every picture is resized (bicubic, as Pillow) so that its shorter side has size
// pixels, and its middle size×size pixels are kept. Files are opened when they
// are read; the listing is sorted by name. Hidden files, files without a
// .jpg, .jpeg or .png ending and folders inside a class folder are skipped. A
// folder without pictures is an error.
//
// Decoders differ in a JPEG's pixels. Where a file's name says JPEG the sets are
// called after the decoder as well, as in "imagefolder (go-image/jpeg)", so that
// manifests of different decoders differ.
func ImageFolder(dir string, size int, o FolderOptions) (train, test Set, err error) {
	fail := func(err error) (Set, Set, error) { return nil, nil, fmt.Errorf("imagefolder: %w", err) }
	if size < 1 || size > 4096 {
		return fail(fmt.Errorf("size %d; choose 1 to 4096 pixels", size))
	}
	if o.HoldOut == 0 {
		o.HoldOut = 0.2
	}
	if !(o.HoldOut > 0 && o.HoldOut < 1) {
		return fail(fmt.Errorf("hold out %v of the pictures; choose a share between 0 and 1", o.HoldOut))
	}
	parts, err := subfolders(dir)
	if err != nil {
		return fail(fmt.Errorf("%w; give the folder that holds train and val, or the class folders", err))
	}
	if !slices.Contains(parts, "train") {
		all, err := list(dir, "", nil)
		if err != nil {
			return fail(err)
		}
		a, b := all.split(o)
		if len(a.items) == 0 || len(b.items) == 0 {
			return fail(fmt.Errorf("%s: holding out %v of %d pictures leaves no training or no test picture", dir, o.HoldOut, len(all.items)))
		}
		train, test = newFolders(a, b, size, o)
		return train, test, nil
	}
	held := ""
	for _, name := range []string{"val", "test"} {
		if held == "" && slices.Contains(parts, name) {
			held = name
		}
	}
	if held == "" {
		return fail(fmt.Errorf("%s holds train, but neither val nor test", dir))
	}
	a, err := list(dir, "train", nil)
	if err != nil {
		return fail(err)
	}
	b, err := list(dir, held, a.classes)
	if err != nil {
		return fail(err)
	}
	train, test = newFolders(a, b, size, o)
	return train, test, nil
}

// listing is the pictures below a folder, sorted by class and name.
type listing struct {
	dir     string
	classes []string
	items   []item
}

type item struct {
	name  string // slash-separated path below dir
	label int
}

// list reads dir/part/<class>/*. Class names, where given, are the only allowed.
func list(dir, part string, classes []string) (listing, error) {
	root := filepath.Join(dir, part)
	found, err := subfolders(root)
	if err != nil {
		return listing{}, err
	}
	if len(found) == 0 {
		return listing{}, fmt.Errorf("%s holds no class folders", root)
	}
	if classes == nil {
		classes = found
	}
	l := listing{dir: dir, classes: classes}
	for _, class := range found {
		label := slices.Index(classes, class)
		if label < 0 {
			return listing{}, fmt.Errorf("%s: the class %q is not among the training classes", root, class)
		}
		entries, err := os.ReadDir(filepath.Join(root, class))
		if err != nil {
			return listing{}, err
		}
		before := len(l.items)
		for _, e := range entries {
			if isPicture(e.Name()) && !e.IsDir() {
				l.items = append(l.items, item{path.Join(part, class, e.Name()), label})
			}
		}
		if len(l.items) == before {
			return listing{}, fmt.Errorf("%s holds no pictures (.jpg, .jpeg or .png)", filepath.Join(root, class))
		}
	}
	return l, nil
}

func isPicture(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return !strings.HasPrefix(name, ".") && (ext == ".jpg" || ext == ".jpeg" || ext == ".png")
}

// hasJPEG goes by the files' names.
func (l listing) hasJPEG() bool {
	return slices.ContainsFunc(l.items, func(it item) bool { return !strings.EqualFold(path.Ext(it.name), ".png") })
}

// subfolders names the folders in dir, and links to folders, sorted.
func subfolders(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		info, err := os.Stat(filepath.Join(dir, e.Name()))
		if errors.Is(err, fs.ErrNotExist) { // a link to nowhere
			continue
		}
		if err != nil {
			return nil, err
		}
		if info.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// split parts the pictures by a hash of seed and name.
func (l listing) split(o FolderOptions) (train, test listing) {
	train, test = listing{l.dir, l.classes, nil}, listing{l.dir, l.classes, nil}
	for _, it := range l.items {
		h := sha256.Sum256(binary.LittleEndian.AppendUint64([]byte(it.name), o.Seed))
		if float64(binary.LittleEndian.Uint64(h[:])) < o.HoldOut*math.MaxUint64 {
			test.items = append(test.items, it)
		} else {
			train.items = append(train.items, it)
		}
	}
	return train, test
}
