package datasets

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

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
		if float64(it.hash(o.Seed)) < o.HoldOut*math.MaxUint64 {
			test.items = append(test.items, it)
		} else {
			train.items = append(train.items, it)
		}
	}
	return train, test
}
