package render

import (
	"bytes"
	"io"
	"io/fs"
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
	b, err := e.g.File(nil, e.path)
	if err != nil {
		return nil, err
	}
	i := e.info
	i.size = int64(len(b))
	return i, nil
}
