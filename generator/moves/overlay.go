package moves

import (
	"bytes"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"gongzhi/generator/plan"
)

// layer is a source with some files changed, added or gone.
type layer struct {
	fs.FS
	files map[string]*plan.File
}

// overlay gives a source as it will be.
func overlay(source fs.FS, files []plan.File) fs.FS {
	l := layer{source, map[string]*plan.File{}}
	for i := range files {
		l.files[files[i].Path] = &files[i]
	}
	return l
}

func (l layer) Open(name string) (fs.File, error) {
	f := l.files[name]
	switch {
	case f == nil:
		return l.FS.Open(name)
	case f.Delete:
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &opened{entry{f}, bytes.NewReader(f.After)}, nil
}

func (l layer) Stat(name string) (fs.FileInfo, error) {
	switch f := l.files[name]; {
	case f == nil:
		return fs.Stat(l.FS, name)
	case f.Delete:
		return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
	default:
		return entry{f}, nil
	}
}

func (l layer) Lstat(name string) (fs.FileInfo, error) {
	if l.files[name] != nil {
		return l.Stat(name)
	}
	return fs.Lstat(l.FS, name)
}

func (l layer) ReadLink(name string) (string, error) { return fs.ReadLink(l.FS, name) }

// ReadDir lists a folder; one that only new files are in is there too.
func (l layer) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := fs.ReadDir(l.FS, name)
	below := map[string]bool{}
	list = slices.DeleteFunc(list, func(e fs.DirEntry) bool {
		below[e.Name()] = true
		return l.files[path.Join(name, e.Name())] != nil
	})
	for p, f := range l.files {
		rest, ok := strings.CutPrefix(p, name+"/")
		if name == "." {
			rest, ok = p, true
		}
		if !ok || f.Delete {
			continue
		}
		if first, _, deeper := strings.Cut(rest, "/"); !deeper {
			list = append(list, fs.FileInfoToDirEntry(entry{f}))
			err = nil
		} else if !below[first] {
			below[first] = true
			list = append(list, fs.FileInfoToDirEntry(folder(first)))
			err = nil
		}
	}
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return list, err
}

// entry is what is known of a changed file.
type entry struct{ *plan.File }

func (e entry) Name() string       { return path.Base(e.Path) }
func (e entry) Size() int64        { return int64(len(e.After)) }
func (e entry) Mode() fs.FileMode  { return 0o644 }
func (e entry) ModTime() time.Time { return time.Time{} }
func (e entry) IsDir() bool        { return false }
func (e entry) Sys() any           { return nil }

// folder is a folder that is not there yet.
type folder string

func (f folder) Name() string       { return string(f) }
func (f folder) Size() int64        { return 0 }
func (f folder) Mode() fs.FileMode  { return fs.ModeDir | 0o755 }
func (f folder) ModTime() time.Time { return time.Time{} }
func (f folder) IsDir() bool        { return true }
func (f folder) Sys() any           { return nil }

// opened is a changed file that is read.
type opened struct {
	entry
	r io.Reader
}

func (o *opened) Stat() (fs.FileInfo, error) { return o.entry, nil }
func (o *opened) Read(p []byte) (int, error) { return o.r.Read(p) }
func (o *opened) Close() error               { return nil }
