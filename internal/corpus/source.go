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
var Sources = audit.Set[Source]{ShapesEntry, ScenesEntry, CIFAR10Entry, ImageFolderEntry}

// taken wants a path, and numbers of images or 0 for all.
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
func Divide(ctx context.Context, train, test datasets.Set, src Source, f audit.Forgets, unseen bool,
	seed uint64) (datasets.Split, datasets.Manifest, error) {
	nTrain, nTest := src.Take()
	aside := 0
	if unseen {
		aside = Displaced
	}
	split, manifest, err := datasets.MakeSplit(ctx, train, test, datasets.ForgetOptions{
		Kind: f.Kind, Fraction: f.Fraction, Classes: f.Classes, File: f.File, Poisoned: f.Poisoned, Proxy: f.Proxy,
		ProxyClasses: f.ProxyClasses, ProxyPerClass: f.ProxyPerClass, Train: nTrain, Test: nTest, Unseen: aside,
	}, seed)
	split.Trigger = f.Trigger
	return split, manifest, err
}
