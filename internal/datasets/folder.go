package datasets

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/lethe-audit/lethe/internal/pixels"
)

// FolderOptions tunes [ImageFolder]; its zero value is the default.
type FolderOptions struct {
	CacheBytes int64        // most bytes of prepared pictures kept in memory; 0 is 512 MiB, negative none
	MaxPixels  pixels.Limit // largest picture that is unpacked
	HoldOut    float64      // share kept for testing where the folder has no test part; 0 is 0.2
	Seed       uint64       // which ones HoldOut keeps
	// Classes keeps these classes alone, by name, number or range of numbers, and PerClass and TestPerClass so many
	// pictures of each, those of the lowest hash of path and seed; empty and 0 keep all.
	Classes                []string
	PerClass, TestPerClass int

	Decoder pixels.Decoder // what unpacks JPEG files; part of the sets' names where there are any
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
		if all, err = all.only(o.Classes); err != nil {
			return fail(err)
		}
		a, b := all.split(o)
		a, b = a.most(o.PerClass, o.Seed), b.most(o.TestPerClass, o.Seed)
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
	if a, err = a.only(o.Classes); err != nil {
		return fail(err)
	}
	if b, err = b.only(o.Classes); err != nil {
		return fail(err)
	}
	train, test = newFolders(a.most(o.PerClass, o.Seed), b.most(o.TestPerClass, o.Seed), size, o)
	return train, test, nil
}

// only keeps classes; numbers stay those of all classes.
func (l listing) only(classes []string) (listing, error) {
	if len(classes) == 0 {
		return l, nil
	}
	wanted, err := classNumbers(classes, l.classes)
	if err != nil {
		return listing{}, err
	}
	l.items = slices.DeleteFunc(slices.Clone(l.items), func(it item) bool { return !wanted[it.label] })
	if len(l.items) == 0 {
		return listing{}, fmt.Errorf("%s: no pictures of the classes %s", l.dir, some(classes))
	}
	return l, nil
}

// most keeps n pictures of every class, each chosen by a hash of its path.
func (l listing) most(n int, seed uint64) listing {
	if n == 0 {
		return l
	}
	byHash := slices.Clone(l.items)
	slices.SortStableFunc(byHash, func(a, b item) int { return cmp.Compare(a.hash(seed), b.hash(seed)) })
	left, keep := map[int]int{}, map[string]bool{}
	for _, it := range byHash {
		if left[it.label] < n {
			left[it.label]++
			keep[it.name] = true
		}
	}
	l.items = slices.DeleteFunc(slices.Clone(l.items), func(it item) bool { return !keep[it.name] })
	return l
}

// hash is a number that looks drawn by chance.
func (it item) hash(seed uint64) uint64 {
	h := sha256.Sum256(binary.LittleEndian.AppendUint64([]byte(it.name), seed))
	return binary.LittleEndian.Uint64(h[:])
}
