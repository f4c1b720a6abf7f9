package folder

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// atOnce makes opening a pipe wait for nobody.
const atOnce = unix.O_NONBLOCK

// beneath opens what is at a path below a folder, through no symbolic link.
func beneath(dir, rest string) (*os.File, error) {
	top, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: dir, Err: err}
	}
	defer unix.Close(top)
	how := unix.OpenHow{Flags: unix.O_RDONLY | unix.O_NONBLOCK | unix.O_CLOEXEC, Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS}
	for range 100 {
		fd, err := unix.Openat2(top, rest, &how)
		switch {
		case err == nil:
			return os.NewFile(uintptr(fd), filepath.Join(dir, rest)), nil
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.EAGAIN):
			continue
		case errors.Is(err, unix.ELOOP):
			return nil, &fs.PathError{Op: "open", Path: rest, Err: ErrLink}
		case errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EPERM): // an old system, or a container's filter that does not know the call
			return beneathRoot(dir, rest)
		}
		return nil, &fs.PathError{Op: "openat2", Path: rest, Err: err}
	}
	return nil, &fs.PathError{Op: "openat2", Path: rest, Err: syscall.EAGAIN}
}
