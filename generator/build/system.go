package build

import (
	"errors"
	"io"
	"os"

	"gongzhi/generator/folder"
)

// system holds every call that changes the disk on the way to a published site, so that a test can
// let any of them fail. The calls behave as those of package os.
type system struct {
	mkdir func(name string) error

	create func(name string, data []byte, mode os.FileMode) error // a file that must not exist
	// pour makes a file that must not exist, of what is read.
	pour   func(name string, from io.Reader, mode os.FileMode) error
	link   func(from, to string) error
	rename func(from, to string) error
	// exchange lets two folders change places; errNoExchange says that the system or the file system has
	// no such step.
	exchange func(a, b string) error
	remove   func(name string) error
	// flush returns when the file system that holds dir has written out all it was given.
	flush func(dir string) error
	// flushDir returns when the entries of dir itself are written out.
	flushDir func(dir string) error
}

var disk = system{
	mkdir:    mkdir,
	create:   create,
	pour:     pour,
	link:     os.Link,
	rename:   rename,
	exchange: exchange,
	remove:   os.Remove,
	flush:    flush,
	flushDir: flushDir,
}

const (
	dirMode  = 0o755
	fileMode = 0o644
)

var errNoExchange = errors.New("folders cannot be exchanged here")

func mkdir(name string) error { return os.Mkdir(name, dirMode) }

func create(name string, data []byte, mode os.FileMode) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if e := f.Close(); err == nil { // a network file system may report a full disk only here
		err = e
	}
	return err
}

// pour lets the system copy where it can: Linux shares the blocks of the disk (copy_file_range) where the file system does.
func pour(name string, from io.Reader, mode os.FileMode) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, from)
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

// copyFile is what takes the place of a hard link where there are none: same bytes, mode and time.
func (s *system) copyFile(from, to string) error {
	f, err := folder.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := s.pour(to, f, fileMode); err != nil {
		return err
	}
	if err := os.Chmod(to, info.Mode().Perm()); err != nil {
		return err
	}
	return os.Chtimes(to, info.ModTime(), info.ModTime())
}
