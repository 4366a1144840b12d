package corpus

import (
	"context"
	"errors"
	"fmt"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/datasets"
)

// A Source opens a data set with the parameters of a plan.
type Source interface {
	Open(seed uint64) (train, test datasets.Set, err error)
	// Take is how many training and test images to use; 0 for all.
	Take() (train, test int)
}

// Sources lists the data sets.
var Sources = audit.Set[Source]{
	{Name: "shapes", Doc: "procedural: a texture in the border that identifies the image, a shape in the middle that cannot be guessed", New: func() Source { return &Shapes{Train: 512, Test: 512, Size: 32} }},
	{Name: "cifar10", Doc: "CIFAR-10 in its official binary layout; files may be shorter prefixes of whole records", New: func() Source { return &CIFAR10{} }},
	{Name: "imagefolder", Doc: "folders of JPEG or PNG by class, as ImageNet-1K and Places365 are laid out", New: func() Source { return &ImageFolder{Size: 64} }},
}

// Shapes is the procedural data set.
type Shapes struct {
	Train int `json:"train"`
	Test  int `json:"test"`
	Size  int `json:"size"`
}

// Validate checks the parameters.
func (d *Shapes) Validate() error {
	const most = 1 << 20
	if d.Train < 2 || d.Test < 2 || d.Train > most || d.Test > most {
		return fmt.Errorf("train %d and test %d: want 2 to %d images of each", d.Train, d.Test, most)
	}
	if d.Size != 32 && d.Size != 64 {
		return fmt.Errorf("size is %d: want 32 or 64", d.Size)
	}
	return nil
}

// Open draws the images. Training and test images come from different streams.
func (d *Shapes) Open(seed uint64) (train, test datasets.Set, err error) {
	if train, err = datasets.Shapes(d.Train, d.Size, seed, datasets.TrainStream); err != nil {
		return nil, nil, err
	}
	test, err = datasets.Shapes(d.Test, d.Size, seed, datasets.TestStream)
	return train, test, err
}

// Take uses all.
func (*Shapes) Take() (train, test int) { return 0, 0 }

// CIFAR10 is the data set of Krizhevsky (2009).
type CIFAR10 struct {
	Path  string `json:"path"`  // folder of data_batch_*.bin and test_batch.bin
	Train int    `json:"train"` // images to use; 0 for all
	Test  int    `json:"test"`
}

// Validate checks the parameters.
func (d *CIFAR10) Validate() error { return taken(d.Path, d.Train, d.Test) }

// Open reads the files.
func (d *CIFAR10) Open(uint64) (train, test datasets.Set, err error) { return datasets.CIFAR10(d.Path) }

// Take is as the plan says.
func (d *CIFAR10) Take() (train, test int) { return d.Train, d.Test }

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
	return datasets.ImageFolder(d.Path, d.Size, datasets.FolderOptions{Seed: seed, Classes: d.Classes, PerClass: d.PerClass, TestPerClass: d.TestPerClass})
}

// Take is as the plan says.
func (d *ImageFolder) Take() (train, test int) { return d.Train, d.Test }

func taken(path string, train, test int) error {
	if path == "" {
		return errors.New("path is missing: give the data's folder, here or with --data")
	}
	if train < 0 || test < 0 {
		return fmt.Errorf("train %d and test %d must not be negative (0 takes all)", train, test)
	}
	return nil
}

// Divide makes the split and its manifest. With unseen, at most [Displaced] test images are set aside for methods.
func Divide(ctx context.Context, train, test datasets.Set, src Source, f audit.Forgets, unseen bool, seed uint64) (datasets.Split, datasets.Manifest, error) {
	nTrain, nTest := src.Take()
	aside := 0
	if unseen {
		aside = Displaced
	}
	split, manifest, err := datasets.MakeSplit(ctx, train, test, datasets.ForgetOptions{
		Kind: f.Kind, Fraction: f.Fraction, Classes: f.Classes, File: f.File, Poisoned: f.Poisoned, Proxy: f.Proxy, ProxyClasses: f.ProxyClasses, ProxyPerClass: f.ProxyPerClass, Train: nTrain, Test: nTest, Unseen: aside,
	}, seed)
	split.Trigger = f.Trigger
	return split, manifest, err
}
