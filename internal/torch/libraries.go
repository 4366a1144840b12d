package torch

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Library is a shared library of this process that takes part in computing.
type Library struct {
	Name string `json:"name"` // of its file
	Path string `json:"-"`    // the same library elsewhere gives the same bits
	// ID is "build …", the linker's build id, or "sha256 …" of the file where it has none. Of a file that cannot be read
	// it is the reason, which no library has as its id.
	ID string `json:"id"`
}

// computing are the beginnings of the names of libraries that compute or decide how many threads do. What MKL and cuDNN
// load when first called is not among them: it comes with the libraries that are.
var computing = []string{
	"libtorch.", "libtorch_cpu.", "libtorch_cuda", "libc10.", "libc10_cuda.",
	"libblas.", "liblapack.", "libopenblas", "libblis", "libatlas", "libmkl_rt", "libdnnl.",
	"libgomp", "libiomp", "libomp", "libm.", "libm-", "libsleef", "libXNNPACK", "libfbgemm",
	"libcudart", "libcublas", "libcudnn.", "libcudnn-", "libcusolver", "libcusparse", "libcufft", "libcurand", "libcuda.",
}

// libraries identifies the computing libraries of this process once, in the order of their names: they stay as they are
// for as long as it lives, and a file without a build id takes a while to hash.
var libraries = sync.OnceValue(func() []Library {
	var out []Library
	for _, path := range loaded() {
		name := filepath.Base(path)
		if slices.ContainsFunc(computing, func(p string) bool { return strings.HasPrefix(name, p) }) {
			out = append(out, Library{Name: name, Path: path, ID: identity(path)})
		}
	}
	slices.SortFunc(out, func(a, b Library) int {
		return strings.Compare(a.Name+"\x00"+a.ID, b.Name+"\x00"+b.ID)
	})
	return out
})

// loaded lists the shared libraries mapped into this process.
func loaded() []string {
	b, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return nil // not Linux
	}
	return mapped(bytes.NewReader(b))
}

// mapped lists the shared libraries in the text of /proc/self/maps, each once.
func mapped(r io.Reader) []string {
	var out []string
	for sc := bufio.NewScanner(r); sc.Scan(); {
		line := sc.Text()
		at := strings.IndexByte(line, '/') // nothing before the path has one, and a path may hold blanks
		if at < 0 || !strings.Contains(filepath.Base(line[at:]), ".so") || slices.Contains(out, line[at:]) {
			continue
		}
		out = append(out, line[at:])
	}
	return out
}

// identity is a library's ID.
func identity(path string) string {
	id, err := buildID(path)
	if err != nil {
		return err.Error()
	}
	if id != "" {
		return "build " + id
	}
	f, err := os.Open(path)
	if err != nil {
		return err.Error()
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	if err := errors.Join(err, f.Close()); err != nil {
		return err.Error()
	}
	return "sha256 " + hex.EncodeToString(h.Sum(nil))
}

// buildID is the build id in an ELF file's notes, in hexadecimal, or "" where it has none.
func buildID(path string) (id string, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("the build id of %s: %w", path, err)
		}
	}()
	f, err := elf.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for _, p := range f.Progs {
		if p.Type != elf.PT_NOTE {
			continue
		}
		notes, err := io.ReadAll(p.Open())
		if err != nil {
			return "", err
		}
		if id := gnuBuildID(notes, f.ByteOrder, int(max(p.Align, 4))); id != nil {
			return hex.EncodeToString(id), nil
		}
	}
	return "", nil
}

// gnuBuildID looks for the note NT_GNU_BUILD_ID among notes, each of which is the sizes of its name and its descriptor
// and its type, in four bytes each, and the two, padded to align bytes (the ELF specification, Note Section).
func gnuBuildID(notes []byte, order binary.ByteOrder, align int) []byte {
	const buildIDNote = 3
	pad := func(n int) int { return (n + align - 1) / align * align }
	for len(notes) >= 12 {
		name, desc, kind := int(order.Uint32(notes)), int(order.Uint32(notes[4:])), order.Uint32(notes[8:])
		from := pad(12 + name)
		to := from + desc
		if to > len(notes) {
			return nil
		}
		if kind == buildIDNote && string(notes[12:12+name]) == "GNU\x00" {
			return notes[from:to]
		}
		notes = notes[min(pad(to), len(notes)):]
	}
	return nil
}
