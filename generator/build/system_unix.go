//go:build unix

package build

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// openFlags keep a look at an old file from following a link out of the tree or hanging on a pipe.
const openFlags = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

var rename = os.Rename

// held reports whether a program has a file or folder open so that it can't be renamed; no program can here.
func held(error) bool { return false }

func flushDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) {
		return err
	}
	return nil
}

// otherDevice reports whether dir lies on another device than the folder it stands in.
func otherDevice(dir string, lstat func(string, *syscall.Stat_t) error) bool {
	var a, b syscall.Stat_t
	return lstat(dir, &a) == nil && lstat(filepath.Dir(dir), &b) == nil && a.Dev != b.Dev
}
