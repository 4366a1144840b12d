package corpus

import (
	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/datasets"
)

// CIFAR10Entry is the data set in the list of all.
var CIFAR10Entry = audit.Entry[Source]{
	Name: "cifar10",
	Doc:  "CIFAR-10 in its official binary layout; files may be shorter prefixes of whole records",
	New:  func() Source { return &CIFAR10{} },
}

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
