package offline

import (
	"archive/zip"
	"cmp"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gongzhi/generator/folder"
)

// Zip packs files below dir into one file, which appears when it is complete. The same files give the same bytes. The
// first page comes first, where somebody who looks into the zip finds it.
func Zip(name, dir string, files []string) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".gongzhi-new-*.zip")
	if err != nil {
		return err
	}
	err = cmp.Or(pour(f, dir, files), f.Close())
	if err == nil {
		err = cmp.Or(os.Chmod(f.Name(), 0o644), os.Rename(f.Name(), name))
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

func pour(w io.Writer, dir string, files []string) error {
	z := zip.NewWriter(w)
	files = slices.Clone(files)
	first := func(p string) int {
		if p == "index.html" {
			return 0
		}
		return 1
	}
	slices.SortFunc(files, func(a, b string) int {
		return cmp.Or(first(a)-first(b), cmp.Compare(strings.Count(a, "/"), strings.Count(b, "/")), strings.Compare(a, b))
	})
	for _, p := range files {
		h := &zip.FileHeader{Name: p, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
		h.SetMode(0o644)
		to, err := z.CreateHeader(h)
		if err != nil {
			return err
		}
		from, err := folder.Open(filepath.Join(dir, filepath.FromSlash(p)))
		if err != nil {
			return err
		}
		_, err = io.Copy(to, from)
		from.Close()
		if err != nil {
			return err
		}
	}
	return z.Close()
}
