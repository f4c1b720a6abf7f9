// Package folder is how files are opened that anybody may have put there: those of a site's source, and those of others in a
// published folder.
//
// A name can be anything when it is opened, whatever it was when it was listed: a pipe that nobody writes to, a device
// without an end, a link that leads out of the site. So what it is, is asked of the open file, never of the name, and
// opening waits for nobody. A file is a regular file; all else is refused with ErrSpecial.
package folder

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// ErrSpecial says that a name is no regular file.
var ErrSpecial = errors.New("不是普通文件")

// ErrLink says that a symbolic link is on the way where none is followed.
var ErrLink = errors.New("是符号链接，或在符号链接下面；请把文件复制进来")

// ErrTooLarge says that a file is larger than what is read at most.
var ErrTooLarge = errors.New("文件太大了")

// Site is the source folder of a site as a file system. No file below content/ or static/ is read through a symbolic
// link, even if it takes the place of a file after the folder was listed. Those two folders themselves may be links, and
// so may anything of a theme: the owner of the site made those.
//
// Every file is opened by its path anew, so that a folder that is removed and made again is found.
type Site struct {
	names fs.FS // tells of names, opens nothing
	dir   string
}

// NewSite gives the source folder at a path.
func NewSite(dir string) Site { return Site{os.DirFS(dir), dir} }

// Dir is the path of the folder.
func (s Site) Dir() string { return s.dir }

// Open opens a regular file or a folder.
func (s Site) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	top, rest, deeper := strings.Cut(name, "/")
	var f *os.File
	var err error
	if deeper && (top == "content" || top == "static") {
		f, err = beneath(filepath.Join(s.dir, top), filepath.FromSlash(rest))
	} else {
		f, err = os.OpenFile(filepath.Join(s.dir, filepath.FromSlash(name)), os.O_RDONLY|atOnce, 0)
	}
	if f, err = checked(f, err, true); err != nil {
		return nil, named(err, name)
	}
	return f, nil
}

// Stat, Lstat, ReadLink and ReadDir tell of names alone.

// Stat implements fs.StatFS.
func (s Site) Stat(name string) (fs.FileInfo, error) { return fs.Stat(s.names, name) }

// Lstat implements fs.ReadLinkFS.
func (s Site) Lstat(name string) (fs.FileInfo, error) { return fs.Lstat(s.names, name) }

// ReadLink implements fs.ReadLinkFS.
func (s Site) ReadLink(name string) (string, error) { return fs.ReadLink(s.names, name) }

// ReadDir implements fs.ReadDirFS.
func (s Site) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(s.names, name) }

// Published is a published folder as a file system of regular files, in which others may have put anything.
func Published(dir string) fs.FS { return published{os.DirFS(dir), dir} }

type published struct {
	fs.FS
	dir string
}

// Open opens a regular file or a folder.
func (p published) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	f, err := os.OpenFile(filepath.Join(p.dir, filepath.FromSlash(name)), os.O_RDONLY|atOnce, 0)
	if f, err = checked(f, err, true); err != nil {
		return nil, named(err, name)
	}
	return f, nil
}

// Open opens a regular file at a path of the system.
func Open(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|atOnce, 0)
	return checked(f, err, false)
}

// Beneath opens a regular file at a path (with slashes) below a folder, through no symbolic link below it.
func Beneath(dir, name string) (*os.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	f, err := beneath(dir, filepath.FromSlash(name))
	if f, err = checked(f, err, false); err != nil {
		return nil, named(err, name)
	}
	return f, nil
}

// ReadFile gives the bytes of a regular file at a path of the system, of which it may have so many; ErrTooLarge if it has
// more.
func ReadFile(name string, most int64) ([]byte, error) {
	f, err := Open(name)
	if err != nil {
		return nil, err
	}
	return readAll(f, name, most)
}

// Read gives the bytes of a file of a file system, of which it may have so many; ErrTooLarge if it has more.
func Read(fsys fs.FS, name string, most int64) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	return readAll(f, name, most)
}

func readAll(f fs.File, name string, most int64) ([]byte, error) {
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, &fs.PathError{Op: "read", Path: name, Err: ErrSpecial}
	case info.Size() > most:
		return nil, tooLarge(name, most)
	}
	b := make([]byte, 0, info.Size()+512)
	for { // it may grow while it is read
		n, err := f.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		switch {
		case int64(len(b)) > most:
			return nil, tooLarge(name, most)
		case err == io.EOF:
			return b, nil
		case err != nil:
			return nil, err
		}
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
	}
}

func tooLarge(name string, most int64) error {
	return &fs.PathError{Op: "read", Path: name, Err: fmt.Errorf("%w（最多 %s）", ErrTooLarge, size(most))}
}

func size(n int64) string {
	if n >= 1<<20 {
		return fmt.Sprintf("%d MB", n>>20)
	}
	return fmt.Sprintf("%d KB", n>>10)
}

// checked lets a file pass that was opened, if it is a regular one, or a folder where that will do.
func checked(f *os.File, err error, folders bool) (*os.File, error) {
	if errors.Is(err, syscall.ENXIO) { // a socket
		return nil, &fs.PathError{Op: "open", Err: ErrSpecial}
	} else if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() && !(folders && info.IsDir()) {
		err = &fs.PathError{Op: "open", Path: f.Name(), Err: ErrSpecial}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// named is an error with the name that was asked for, whatever path stands in it.
func named(err error, name string) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return &fs.PathError{Op: p.Op, Path: name, Err: p.Err}
	}
	return &fs.PathError{Op: "open", Path: name, Err: err}
}
