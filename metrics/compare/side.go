package compare

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/npy"
	"github.com/lethe-audit/lethe/metrics"
	"github.com/lethe-audit/lethe/metrics/sets"
)

// A Summary says what one side is.
type Summary struct {
	Path       string `json:"path"`
	Kind       string `json:"kind"`                 // pictures, features or statistics
	N          int    `json:"n,omitempty"`          // pictures or embeddings; 0 where a statistics file does not say
	Digest     string `json:"sha256"`               // of the file, or of all pictures' digests in order
	Sizes      string `json:"sizes,omitempty"`      // of the pictures
	Duplicates int    `json:"duplicates,omitempty"` // pictures whose file equals an earlier one's, byte for byte
	Skipped    int    `json:"skipped,omitempty"`    // files that are no JPEG or PNG by their name
}

// Kinds of sides.
const (
	Pictures   = "pictures"
	Features   = "features"
	Statistics = "statistics"
)

// side is one side, and what is known of it after loading.
type side struct {
	Summary
	name     string // real or fake
	files    []string
	digests  []string
	formats  []string
	moments  *sets.Moments
	features *mat.Dense // nil where nothing needs them
	logits   *mat.Dense // nil where the extractor has no classes
}

// open finds out what a path is; files are read at once, folders are only listed.
func open(name, path string) (*side, error) {
	s := &side{name: name, Summary: Summary{Path: path}}
	if path == "" {
		return nil, fmt.Errorf("the %s side is missing: give a folder of pictures, a .npy or a .npz file", name)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%s side: %w", name, err)
	}
	if info.IsDir() {
		s.Kind = Pictures
		return s, s.list()
	}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".npy", ".npz":
	default:
		return nil, fmt.Errorf("%s side: %s is neither a folder nor a .npy or .npz file", name, path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s side: %w", name, err)
	}
	s.Digest = string(audit.DigestBytes(b))
	arrays, err := npy.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s side: %w", name, err)
	}
	if err := s.take(arrays); err != nil {
		return nil, fmt.Errorf("%s side: %s: %w", name, path, err)
	}
	return s, nil
}

// take reads statistics or features from a file's arrays.
func (s *side) take(arrays map[string]npy.Array) error {
	mu, hasMu := arrays["mu"]
	sigma, hasSigma := arrays["sigma"]
	if hasMu && hasSigma {
		s.Kind = Statistics
		m, err := statisticsOf(mu, sigma, arrays["n"])
		if err != nil {
			return err
		}
		s.moments, s.N = m, m.N()
		return nil
	}
	if len(arrays) != 1 {
		names := make([]string, 0, len(arrays))
		for k := range arrays {
			names = append(names, k)
		}
		slices.Sort(names)
		return fmt.Errorf("it holds %s: want mu and sigma, or one array of features [n, d]", strings.Join(names, ", "))
	}
	for k, a := range arrays {
		if len(a.Shape) != 2 {
			return fmt.Errorf("%s has shape %v: want features [n, d]", k, a.Shape)
		}
		x, err := metrics.Embeddings(a.Values, a.Shape[0], a.Shape[1])
		if err != nil {
			return err
		}
		s.Kind, s.N, s.features, s.moments = Features, a.Shape[0], x, &sets.Moments{}
		if err := s.moments.Update(x); err != nil {
			return err
		}
	}
	return nil
}

// list finds a folder's pictures, sorted by their slash-separated names.
func (s *side) list() error {
	err := filepath.WalkDir(s.Path, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := strings.HasPrefix(d.Name(), ".") && path != s.Path
		switch {
		case hidden && d.IsDir():
			return fs.SkipDir
		case hidden || d.IsDir():
			return nil
		}
		switch strings.ToLower(filepath.Ext(path)) {
		case ".jpg", ".jpeg", ".png":
			rel, err := filepath.Rel(s.Path, path)
			if err != nil {
				return err
			}
			s.files = append(s.files, filepath.ToSlash(rel))
		default:
			s.Skipped++
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s side: %w", s.name, err)
	}
	if len(s.files) == 0 {
		return fmt.Errorf("%s side: %s holds no .jpg, .jpeg or .png file (%d others): give the folder of the pictures", s.name, s.Path, s.Skipped)
	}
	slices.Sort(s.files)
	s.N = len(s.files)
	return nil
}

// full is a picture's path.
func (s *side) full(name string) string { return filepath.Join(s.Path, filepath.FromSlash(name)) }

// settle sums up what was read of a folder's pictures.
func (s *side) settle(sizes map[string]int) {
	seen := map[string]bool{}
	for _, d := range s.digests {
		if seen[d] {
			s.Duplicates++
		}
		seen[d] = true
	}
	s.Digest = string(audit.DigestBytes([]byte(strings.Join(s.digests, "\n"))))
	s.Sizes = "mixed"
	if len(sizes) == 1 {
		for k := range sizes {
			s.Sizes = k
		}
	}
}
