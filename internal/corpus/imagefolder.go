package corpus

import (
	"errors"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/datasets"
)

// ImageFolderEntry is the data set in the list of all.
var ImageFolderEntry = audit.Entry[Source]{
	Name: "imagefolder",
	Doc:  "folders of JPEG or PNG by class, as ImageNet-1K and Places365 are laid out",
	New:  func() Source { return &ImageFolder{Size: 64} },
}

// ImageFolder is a folder of class folders.
type ImageFolder struct {
	Path  string `json:"path"`
	Size  int    `json:"size"`  // side after resizing the shorter side and cropping the centre
	Train int    `json:"train"` // images to use; 0 for all
	Test  int    `json:"test"`

	Classes      []string `json:"classes"`      // names, numbers or ranges as 0-199 in the order of the names; empty for all
	PerClass     int      `json:"perClass"`     // training images of a class at most; 0 for all
	TestPerClass int      `json:"testPerClass"` // test images of a class at most; 0 for all
}

// Validate checks the parameters.
func (d *ImageFolder) Validate() error {
	if d.PerClass < 0 || d.TestPerClass < 0 {
		return fmt.Errorf("perClass %d and testPerClass %d must not be negative (0 takes all)", d.PerClass, d.TestPerClass)
	}
	var size error
	if d.Size < 16 || d.Size > 1024 {
		size = fmt.Errorf("size is %d: want 16 to 1024", d.Size)
	}
	return errors.Join(taken(d.Path, d.Train, d.Test), size)
}

// Open lists the files.
func (d *ImageFolder) Open(seed uint64) (train, test datasets.Set, err error) {
	return datasets.ImageFolder(d.Path, d.Size, datasets.FolderOptions{Seed: seed, Classes: d.Classes, PerClass: d.PerClass,
		TestPerClass: d.TestPerClass})
}

// Take is as the plan says.
func (d *ImageFolder) Take() (train, test int) { return d.Train, d.Test }
