package datasets

import (
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/lethe-audit/lethe/audit"
)

// manifestVersion is the format's number; a reader refuses others.
const manifestVersion = 1

// Manifest says which images an audit used, and as what. Equal splits of equal
// data have equal manifests.
type Manifest struct {
	Version  int           `json:"lethe_manifest"`
	Data     string        `json:"data"`
	Shape    [3]int        `json:"shape"` // channels, rows, columns
	Classes  []string      `json:"classes"`
	Seed     uint64        `json:"seed,string"`
	Forget   ForgetOptions `json:"forget"` // as asked for; of a list's path only the last part
	Counts   Counts        `json:"counts"`
	Warnings []string      `json:"warnings,omitempty"`
	Images   []Entry       `json:"images"` // retain, forget, test, proxy, unseen; within each by index
}

// Counts are the sizes of a split's parts; Poisoned is part of Forget.
type Counts struct {
	Retain   int     `json:"retain"`
	Forget   int     `json:"forget"`
	Poisoned int     `json:"poisoned"`
	Test     int     `json:"test"`
	Proxy    int     `json:"proxy,omitempty"`
	Unseen   int     `json:"unseen,omitempty"`
	Dropped  Dropped `json:"dropped"`
}

// Dropped counts the copies that were taken out: of images to forget from those
// to retain, of training images from the test images, of images that models are
// trained on from the proxies, and of test images from the unseen ones.
type Dropped struct {
	Retain int `json:"retain"`
	Test   int `json:"test"`
	Proxy  int `json:"proxy,omitempty"`
	Unseen int `json:"unseen,omitempty"`
}

// Entry is one image. Index counts in the training set, for test and unseen in the test set.
type Entry struct {
	Split    string `json:"split"` // retain, forget, test, proxy or unseen
	Index    int    `json:"index"`
	Name     string `json:"name,omitempty"`
	SHA256   string `json:"sha256"` // of the prepared bytes
	Label    int    `json:"label"`
	Poisoned bool   `json:"poisoned,omitempty"`
}

func newManifest(train, test Set, o ForgetOptions, seed uint64, s Split, d Dropped, trainHash, testHash map[int]content) Manifest {
	c, h, w := train.Shape()
	if o.File != "" {
		o.File = filepath.Base(o.File)
	}
	m := Manifest{
		Version: manifestVersion, Data: train.Name(), Shape: [3]int{c, h, w}, Classes: train.Classes(), Seed: seed, Forget: o,
		Counts: Counts{Retain: len(s.Retain), Forget: len(s.Forget), Poisoned: len(s.Poisoned), Test: len(s.Test),
			Proxy: len(s.Proxy), Unseen: len(s.Unseen), Dropped: d},
	}
	if d.Retain > 0 {
		m.Warnings = append(m.Warnings, fmt.Sprintf("dropped from retain: %d, as copies of images to forget", d.Retain))
	}
	if d.Test > 0 {
		m.Warnings = append(m.Warnings, fmt.Sprintf("dropped from test: %d, as copies of training images", d.Test))
	}
	if d.Proxy > 0 {
		m.Warnings = append(m.Warnings, fmt.Sprintf("dropped from proxies: %d, as copies of training images", d.Proxy))
	}
	if d.Unseen > 0 {
		m.Warnings = append(m.Warnings, fmt.Sprintf("dropped from unseen: %d, as copies of test images", d.Unseen))
	}
	poisoned := toSet(s.Poisoned)
	add := func(split string, set Set, idx []int, hash map[int]content) {
		for _, i := range idx {
			sum := hash[i]
			e := Entry{Split: split, Index: i, SHA256: hex.EncodeToString(sum[:]), Label: set.Label(i), Poisoned: split == "forget" && poisoned[i]}
			if n, ok := set.(Named); ok {
				e.Name = n.ItemName(i)
			}
			m.Images = append(m.Images, e)
		}
	}
	add("retain", train, s.Retain, trainHash)
	add("forget", train, s.Forget, trainHash)
	add("test", test, s.Test, testHash)
	add("proxy", train, s.Proxy, trainHash)
	add("unseen", test, s.Unseen, testHash)
	return m
}

// Digest is the SHA-256 of the manifest's compact JSON.
func (m Manifest) Digest() (audit.Digest, error) { return audit.DigestJSON(m) }

// Split is the split the manifest describes.
func (m Manifest) Split() Split {
	var s Split
	for _, e := range m.Images {
		switch e.Split {
		case "retain":
			s.Retain = append(s.Retain, e.Index)
		case "forget":
			s.Forget = append(s.Forget, e.Index)
			if e.Poisoned {
				s.Poisoned = append(s.Poisoned, e.Index)
			}
		case "test":
			s.Test = append(s.Test, e.Index)
		case "proxy":
			s.Proxy = append(s.Proxy, e.Index)
		case "unseen":
			s.Unseen = append(s.Unseen, e.Index)
		}
	}
	return s
}

// check refuses a manifest that contradicts itself.
func (m Manifest) check() error {
	if m.Version != manifestVersion {
		return fmt.Errorf("format %d; this program reads %d", m.Version, manifestVersion)
	}
	if len(m.Images) == 0 {
		return errors.New("it lists no image")
	}
	order := []string{"retain", "forget", "test", "proxy", "unseen"}
	for k, e := range m.Images {
		part := slices.Index(order, e.Split)
		switch {
		case part < 0:
			return fmt.Errorf("image %d has the split %q; there are retain, forget, test, proxy and unseen", k, e.Split)
		case e.Poisoned && e.Split != "forget":
			return fmt.Errorf("image %d is poisoned, but not to be forgotten", k)
		case e.Index < 0 || e.Label < 0 || e.Label >= len(m.Classes):
			return fmt.Errorf("image %d has the index %d and the label %d of %d classes", k, e.Index, e.Label, len(m.Classes))
		}
		if b, err := hex.DecodeString(e.SHA256); err != nil || len(b) != len(content{}) {
			return fmt.Errorf("image %d has the hash %q, not one of SHA-256", k, e.SHA256)
		}
		if k == 0 {
			continue
		}
		before := slices.Index(order, m.Images[k-1].Split)
		if part < before || part == before && e.Index <= m.Images[k-1].Index {
			return fmt.Errorf("image %d is out of order or listed twice", k)
		}
	}
	s := m.Split()
	c := m.Counts
	if len(s.Retain) != c.Retain || len(s.Forget) != c.Forget || len(s.Poisoned) != c.Poisoned || len(s.Test) != c.Test ||
		len(s.Proxy) != c.Proxy || len(s.Unseen) != c.Unseen {
		return errors.New("the counts are not those of the images")
	}
	forgotten := toSet(s.Forget)
	for _, i := range s.Retain {
		if forgotten[i] {
			return fmt.Errorf("training image %d is both to retain and to forget", i)
		}
	}
	judged := toSet(s.Test)
	for _, i := range s.Unseen {
		if judged[i] {
			return fmt.Errorf("test image %d is both judged on and set aside as unseen", i)
		}
	}
	return nil
}
