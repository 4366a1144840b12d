package pickle

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// decodeZip reads the archive's pickle, and the storages that it asks for.
func decodeZip(b []byte, store *storages) (any, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, fmt.Errorf("the archive is damaged: %w", err)
	}
	files := make(map[string]*zip.File, len(z.File))
	root := ""
	for _, f := range z.File {
		files[f.Name] = f
		if dir, ok := strings.CutSuffix(f.Name, "data.pkl"); ok && strings.Count(dir, "/") == 1 && strings.HasSuffix(dir, "/") {
			root = dir
		}
	}
	switch {
	case root == "":
		return nil, ErrFormat
	case files[root+"constants.pkl"] != nil:
		return nil, errors.New("it is a TorchScript module: name it as the path of torchscript features, or save the state_dict")
	}
	read := func(name string) ([]byte, error) {
		f := files[root+name]
		if f == nil {
			return nil, fmt.Errorf("the archive has no record %s%s", root, name)
		}
		if f.Method != zip.Store || f.UncompressedSize64 != f.CompressedSize64 || f.CompressedSize64 > uint64(len(b)) {
			return nil, fmt.Errorf("record %s is compressed or damaged: torch.save stores records as they are", f.Name)
		}
		if store.room -= int(f.CompressedSize64); store.room < 0 {
			return nil, errors.New("the archive's records overlap")
		}
		return readRecord(f)
	}
	if files[root+"byteorder"] != nil {
		order, err := read("byteorder")
		if err != nil {
			return nil, err
		}
		if string(order) != "little" {
			return nil, fmt.Errorf("its numbers are in byte order %.20q, only little is read", order)
		}
	}
	pkl, err := read("data.pkl")
	if err != nil {
		return nil, err
	}
	store.load = func(key string) ([]byte, error) { return read("data/" + key) }
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
