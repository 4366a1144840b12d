package datasets

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	cifarSide   = 32
	cifarPixels = 3 * cifarSide * cifarSide
	cifarRecord = 1 + cifarPixels // label, then the red, green and blue planes
	cifarMost   = 10000           // records of an official file
	cifarFolder = "cifar-10-batches-bin"
)

var cifarNames = []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}

// CIFAR10 reads the official binary layout: data_batch_1.bin … data_batch_5.bin,
// as many as there are, and test_batch.bin, in dir or in its subfolder
// cifar-10-batches-bin. A file may be a shorter prefix of the official one, of
// whole records. Class names come from batches.meta.txt where it exists.
//
// A missing folder or file, a record that is cut, a label above 9 and a file
// longer than the official one are errors that name the file.
func CIFAR10(dir string) (train, test Set, err error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, nil, fmt.Errorf("cifar10: %w; give the folder that holds data_batch_1.bin and test_batch.bin", err)
	}
	if info, err := os.Stat(filepath.Join(dir, cifarFolder)); err == nil && info.IsDir() {
		dir = filepath.Join(dir, cifarFolder)
	}
	classes, err := cifarClasses(filepath.Join(dir, "batches.meta.txt"))
	if err != nil {
		return nil, nil, err
	}
	training := newCIFAR(classes)
	for k := 1; k <= 5; k++ {
		err := training.add(dir, fmt.Sprintf("data_batch_%d.bin", k))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, nil, err
		}
	}
	if training.Len() == 0 {
		return nil, nil, fmt.Errorf("cifar10: %s holds none of data_batch_1.bin … data_batch_5.bin", dir)
	}
	testing := newCIFAR(classes)
	if err := testing.add(dir, "test_batch.bin"); err != nil {
		return nil, nil, err
	}
	return training, testing, nil
}

// cifar remembers which record of which file a picture was.
type cifar struct {
	memory
	files []string
	ends  []int // pictures up to and including each file
}

func newCIFAR(classes []string) *cifar {
	return &cifar{memory: memory{name: "cifar10", c: 3, h: cifarSide, w: cifarSide, classes: classes}}
}

// ItemName is the file and the record's number in it, from 0.
func (c *cifar) ItemName(i int) string {
	start := 0
	for k, end := range c.ends {
		if i < end {
			return fmt.Sprintf("%s:%d", c.files[k], i-start)
		}
		start = end
	}
	return ""
}

func (c *cifar) add(dir, file string) error {
	path := filepath.Join(dir, file)
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("cifar10: %w", err)
	}
	if err := cifarSize(path, info.Size()); err != nil {
		return err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("cifar10: %w", err)
	}
	if err := cifarSize(path, int64(len(b))); err != nil {
		return err
	}
	for k := 0; len(b) > 0; k++ {
		if b[0] > 9 {
			return fmt.Errorf("cifar10: %s: record %d has label %d; labels are 0 to 9, so this is not a CIFAR-10 file", path, k, b[0])
		}
		c.labels = append(c.labels, b[0])
		c.pix = append(c.pix, b[1:cifarRecord]...)
		b = b[cifarRecord:]
	}
	c.files, c.ends = append(c.files, file), append(c.ends, c.Len())
	return nil
}

func cifarSize(path string, n int64) error {
	switch {
	case n == 0:
		return fmt.Errorf("cifar10: %s is empty", path)
	case n%cifarRecord != 0:
		return fmt.Errorf("cifar10: %s is cut inside record %d: %d bytes are not a multiple of %d; copy the file again", path,
			n/cifarRecord, n, cifarRecord)
	case n > cifarMost*cifarRecord:
		return fmt.Errorf("cifar10: %s has %d records; an official file has at most %d", path, n/cifarRecord, cifarMost)
	}
	return nil
}

func cifarClasses(path string) ([]string, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return cifarNames, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cifar10: %w", err)
	}
	names := strings.Fields(string(b))
	if len(names) != len(cifarNames) {
		return nil, fmt.Errorf("cifar10: %s names %d classes, not 10", path, len(names))
	}
	return names, nil
}
