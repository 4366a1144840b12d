package kit

import (
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/datasets"
)

type (
	// Data is what a data set implements: it opens its training and test images with a plan's parameters. Its entry goes
	// into Catalogue.Data.
	Data = corpus.Source
	// Images is a fixed list of labelled pictures. [Pictures] and [Folder] make some; others implement it.
	Images = datasets.Set
	// Named is a list whose pictures have names of their own, such as paths.
	Named = datasets.Named
	// FolderOptions say which classes and images of a folder to use.
	FolderOptions = datasets.FolderOptions
)

// Pictures is a list in memory, of square pictures of three channels. grey holds them one after the other,
// [N, 3, size, size], from 0 to 255; labels are indices of classes.
func Pictures(name string, size int, classes []string, labels []int, grey []uint8) (Images, error) {
	return datasets.Pictures(name, size, classes, labels, grey)
}

// Folder is a folder with JPEG or PNG files by class in train and val, resized to one side.
func Folder(dir string, size int, o FolderOptions) (train, test Images, err error) {
	return datasets.ImageFolder(dir, size, o)
}
