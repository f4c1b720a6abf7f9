package build

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

func exchange(a, b string) error {
	err := unix.RenamexNp(a, b, unix.RENAME_SWAP)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.ENOTSUP):
		return errNoExchange
	}
	return &os.LinkError{Op: "exchange", Old: a, New: b, Err: err}
}

func flush(dir string) error {
	if err := unix.Sync(); err != nil {
		return &os.PathError{Op: "sync", Path: dir, Err: err}
	}
	return flushDir(dir) // os.File.Sync is F_FULLFSYNC here: it empties the drive's own buffer as well
}

func isMountPoint(dir string) bool { return otherDevice(dir, syscall.Lstat) }
