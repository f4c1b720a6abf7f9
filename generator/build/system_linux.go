package build

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

func exchange(a, b string) error {
	err := unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.ENOTSUP):
		return errNoExchange
	}
	return &os.LinkError{Op: "exchange", Old: a, New: b, Err: err}
}

// syncfs is exchanged by a test.
var syncfs = unix.Syncfs

func flush(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	switch err := syncfs(int(f.Fd())); {
	case errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EPERM): // gVisor, or a container's filter
		unix.Sync()
		return flushDir(dir)
	case err != nil:
		return &os.PathError{Op: "syncfs", Path: dir, Err: err}
	}
	return nil
}

// isMountPoint reports whether something is mounted at dir. Comparing devices does not find a folder that
// is bound from the same file system, which is how containers see theirs.
func isMountPoint(dir string) bool {
	var st unix.Statx_t
	err := unix.Statx(unix.AT_FDCWD, dir, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_TYPE, &st)
	if err == nil && st.Attributes_mask&unix.STATX_ATTR_MOUNT_ROOT != 0 {
		return st.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0
	}
	return otherDevice(dir, syscall.Lstat)
}
