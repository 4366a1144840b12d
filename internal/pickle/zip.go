package pickle

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// An archive is a zip of PyTorch's: records in one folder.
type archive struct {
	files map[string]*zip.File
	root  string // of the records, with its slash
	size  int
	store *storages // keeps account of what is read
}

// openZip finds the archive's records.
func openZip(b []byte, store *storages) (*archive, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, fmt.Errorf("the archive is damaged: %w", err)
	}
	a := &archive{files: make(map[string]*zip.File, len(z.File)), size: len(b), store: store}
	for _, f := range z.File {
		a.files[f.Name] = f
		if dir, ok := strings.CutSuffix(f.Name, "data.pkl"); ok && strings.Count(dir, "/") == 1 && strings.HasSuffix(dir, "/") {
			a.root = dir
		}
	}
	if a.root == "" {
		return nil, ErrFormat
	}
	if a.files[a.root+"byteorder"] != nil {
		order, err := a.read("byteorder")
		if err != nil {
			return nil, err
		}
		if string(order) != "little" {
			return nil, fmt.Errorf("its numbers are in byte order %.20q, only little is read", order)
		}
	}
	return a, nil
}

// read reads a record.
func (a *archive) read(name string) ([]byte, error) {
	f := a.files[a.root+name]
	if f == nil {
		return nil, fmt.Errorf("the archive has no record %s%s", a.root, name)
	}
	if f.Method != zip.Store || f.UncompressedSize64 != f.CompressedSize64 || f.CompressedSize64 > uint64(a.size) {
		return nil, fmt.Errorf("record %s is compressed or damaged: torch.save stores records as they are", f.Name)
	}
	if a.store.room -= int(f.CompressedSize64); a.store.room < 0 {
		return nil, errors.New("the archive's records overlap")
	}
	return readRecord(f)
}

// decodeZip reads a checkpoint's pickle, and the storages that it asks for.
func decodeZip(b []byte, store *storages) (any, error) {
	z, err := openZip(b, store)
	if err != nil {
		return nil, err
	}
	if z.files[z.root+"constants.pkl"] != nil {
		return nil, errors.New("it is a TorchScript module: name it as the path of torchscript features, or save the state_dict")
	}
	pkl, err := z.read("data.pkl")
	if err != nil {
		return nil, err
	}
	store.load = func(key string) ([]byte, error) { return z.read("data/" + key) }
	return (&machine{in: pkl, kinds: map[string]numbers{}}).run()
}

// readRecord reads a stored record and checks its checksum.
func readRecord(f *zip.File) (_ []byte, err error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("record %s: %w", f.Name, err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("record %s: %w", f.Name, err)
	}
	return raw, nil
}
