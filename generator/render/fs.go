package render

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// The types that make a Generation an fs.FS. A file's time is always the zero time: a page has none.

type fileInfo struct {
	name string
	size int64
	mode fs.FileMode
}

func (i fileInfo) Name() string       { return i.name }
func (i fileInfo) Size() int64        { return i.size }
func (i fileInfo) Mode() fs.FileMode  { return i.mode }
func (i fileInfo) ModTime() time.Time { return time.Time{} }
func (i fileInfo) IsDir() bool        { return i.mode.IsDir() }
func (i fileInfo) Sys() any           { return nil }

type openFile struct {
	*bytes.Reader
	info fileInfo
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *openFile) Close() error               { return nil }

// sourceFile is an open file of the source.
type sourceFile struct {
	fs.File
	info fileInfo
}

func (f *sourceFile) Stat() (fs.FileInfo, error) { return f.info, nil }

type openDir struct {
	info    fileInfo
	entries []fs.DirEntry
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *openDir) Close() error               { return nil }
func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.info.name, Err: fs.ErrInvalid}
}

func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		all := d.entries
		d.entries = nil
		return all, nil
	}
	if len(d.entries) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(d.entries))
	some := d.entries[:n]
	d.entries = d.entries[n:]
	return some, nil
}

// dirEntry computes a file's size only when it is asked for.
type dirEntry struct {
	info fileInfo
	g    *Generation
	path string
}

func (e dirEntry) Name() string      { return e.info.name }
func (e dirEntry) IsDir() bool       { return false }
func (e dirEntry) Type() fs.FileMode { return 0 }
func (e dirEntry) Info() (fs.FileInfo, error) {
	i := e.info
	if f, err := e.g.Source(e.path); err != nil {
		return nil, err
	} else if f != nil {
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return nil, err
		}
		i.size = info.Size()
		return i, nil
	}
	b, err := e.g.File(nil, e.path)
	if err != nil {
		return nil, err
	}
	i.size = int64(len(b))
	return i, nil
}

// Open gives the file or folder at name, as an fs.FS does.
func (g *Generation) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	if f, err := g.Source(name); err != nil {
		return nil, err
	} else if f != nil {
		info, err := f.Stat()
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		return &sourceFile{f, fileInfo{path.Base(name), info.Size(), 0o444}}, nil
	}
	b, err := g.File(nil, name)
	if err == nil {
		return &openFile{Reader: bytes.NewReader(b), info: fileInfo{path.Base(name), int64(len(b)), 0o444}}, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	entries := g.dir(name)
	if entries == nil {
		return nil, err
	}
	return &openDir{info: fileInfo{path.Base(name), 0, fs.ModeDir | 0o555}, entries: entries}, nil
}

// dir lists what is directly below a folder, or gives nil if there is no such folder.
func (g *Generation) dir(name string) []fs.DirEntry {
	prefix := name + "/"
	if name == "." {
		prefix = ""
	}
	var entries []fs.DirEntry
	paths := g.complete().paths
	if name == "search" {
		paths = append([]string{"search/index.html"}, g.searchNames()...)
		slices.Sort(paths)
	}
	at, _ := slices.BinarySearch(paths, prefix)
	for at < len(paths) && strings.HasPrefix(paths[at], prefix) {
		rest := paths[at][len(prefix):]
		if first, _, deeper := strings.Cut(rest, "/"); deeper {
			entries = append(entries, fs.FileInfoToDirEntry(fileInfo{first, 0, fs.ModeDir | 0o555}))
			for at < len(paths) && strings.HasPrefix(paths[at], prefix+first+"/") {
				at++
			}
			continue
		}
		entries = append(entries, dirEntry{fileInfo{rest, -1, 0o444}, g, paths[at]})
		at++
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries
}
